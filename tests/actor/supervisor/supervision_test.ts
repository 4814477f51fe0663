import {
  backoff,
  type ChildState,
  type RestartPolicy,
  stepSupervision,
  type SupervisionEffect,
  type SupervisionEvent,
  type SupervisionState,
  type SupervisorStrategy,
} from "../../../src/actor/supervisor/supervision.ts";
import { assertEquals } from "../../helpers/assert.ts";

const limits = { intensity: 3, periodMs: 1000, backoffMs: 50, maxBackoffMs: 150 };

function createState(strategy: SupervisorStrategy, policies: RestartPolicy[]): SupervisionState {
  const children = policies.map((restart, index): ChildState => {
    return { id: "abcdef"[index]!, restart, phase: "running" };
  });
  return { strategy, limits, children, restartsMs: [] };
}

const threePermanent = (strategy: SupervisorStrategy) =>
  createState(strategy, ["permanent", "permanent", "permanent"]);

const ended = (id: string, reason = "panic", nowMs = 0): SupervisionEvent => {
  return { kind: "ended", id, reason, nowMs };
};

/** Phases by id and effects in short, after each of the events. */
function play(state: SupervisionState, events: SupervisionEvent[]): string[] {
  return events.map((event) => {
    const [next, effects] = stepSupervision(state, event);
    state = next;
    const phases = next.children.map(({ id, phase }) => `${id}:${phase}`).join(" ");
    return [phases, ...effects.map(showEffect)].join(" | ");
  });
}

function showEffect(effect: SupervisionEffect): string {
  return `${effect.kind} ${effect.kind === "restartAfter" ? effect.delayMs : effect.id}`;
}

Deno.test("stepSupervision() one-for-one restarts the one that ended", () => {
  assertEquals(play(threePermanent("one-for-one"), [ended("b"), { kind: "restart" }]), [
    "a:running b:waiting c:running | restartAfter 0",
    "a:running b:running c:running | start b",
  ]);
});

Deno.test("stepSupervision() all-for-one stops the others in reverse and starts all in order", () => {
  const events = [ended("b"), ended("c", "shutdown"), ended("a", "shutdown")];
  assertEquals(play(threePermanent("all-for-one"), [...events, { kind: "restart" }]), [
    "a:stopping b:waiting c:stopping | stop c | stop a",
    "a:stopping b:waiting c:waiting",
    "a:waiting b:waiting c:waiting | restartAfter 0",
    "a:running b:running c:running | start a | start b | start c",
  ]);
});

Deno.test("stepSupervision() rest-for-one concerns those declared after it, not before", () => {
  const events = [ended("b"), ended("c", "shutdown"), { kind: "restart" } as const];
  assertEquals(play(threePermanent("rest-for-one"), events), [
    "a:running b:waiting c:stopping | stop c",
    "a:running b:waiting c:waiting | restartAfter 0",
    "a:running b:running c:running | start b | start c",
  ]);
  assertEquals(play(threePermanent("rest-for-one"), [ended("c")]), [
    "a:running b:running c:waiting | restartAfter 0",
  ]);
});

Deno.test("stepSupervision() simple-one-for-one forgets children that end for good", () => {
  const state = createState("simple-one-for-one", []);
  const added = (id: string): SupervisionEvent => ({ kind: "added", id, restart: "transient" });
  const events = [added("x_1"), added("x_2"), ended("x_1", "normal"), ended("x_2")];
  assertEquals(play(state, events), [
    "x_1:running",
    "x_1:running x_2:running",
    "x_2:running",
    "x_2:waiting | restartAfter 0",
  ]);
});

Deno.test("stepSupervision() restarts as the policy of the child says", () => {
  const outcomes = ["normal", "shutdown", "panic", "killed", "enough"].map((reason) => {
    const state = createState("one-for-one", ["permanent", "transient", "temporary"]);
    return ["a", "b", "c"].map((id) => {
      const [{ children }] = stepSupervision(state, ended(id, reason));
      return children.find((child) => child.id === id)?.phase ?? "removed";
    }).join(" ");
  });
  assertEquals(outcomes, [
    "waiting stopped removed",
    "waiting stopped removed",
    "waiting waiting removed",
    "waiting waiting removed",
    "waiting waiting removed",
  ]);
});

Deno.test("stepSupervision() of a group forgets its temporary ones, leaves finished ones finished", () => {
  const state = createState("all-for-one", ["permanent", "transient", "temporary", "transient"]);
  const events: SupervisionEvent[] = [
    ended("d", "normal"),
    ended("a"),
    ended("b", "shutdown"),
    ended("c", "shutdown"),
    { kind: "restart" },
  ];
  assertEquals(play(state, events), [
    "a:running b:running c:running d:stopped",
    "a:waiting b:stopping c:stopping d:stopped | stop c | stop b",
    "a:waiting b:waiting c:stopping d:stopped",
    "a:waiting b:waiting d:stopped | restartAfter 0",
    "a:running b:running d:stopped | start a | start b",
  ]);
});

Deno.test("stepSupervision() of a group counts one failure, even if others fail while they stop", () => {
  const [first] = stepSupervision(threePermanent("all-for-one"), ended("a"));
  const [second] = stepSupervision(first, ended("b", "panic"));
  const [third] = stepSupervision(second, ended("c", "panic"));
  assertEquals(third.restartsMs, [0]);
});

Deno.test("stepSupervision() restarts the group also if the last one awaited is removed", () => {
  const events: SupervisionEvent[] = [
    ended("a"),
    ended("b", "shutdown"),
    { kind: "removed", id: "c" },
    ended("c", "shutdown"),
    { kind: "restart" },
  ];
  assertEquals(play(threePermanent("all-for-one"), events), [
    "a:waiting b:stopping c:stopping | stop c | stop b",
    "a:waiting b:waiting c:stopping",
    "a:waiting b:waiting | restartAfter 0",
    "a:waiting b:waiting",
    "a:running b:running | start a | start b",
  ]);
});

Deno.test("stepSupervision() restarts nothing if all that waited are removed", () => {
  const state = createState("rest-for-one", ["permanent", "temporary"]);
  const events: SupervisionEvent[] = [ended("a"), { kind: "removed", id: "a" }, ended("b")];
  assertEquals(play(state, events), ["a:waiting b:stopping | stop b", "b:stopping", ""]);
});

Deno.test("stepSupervision() waits for all that stop when failures overlap", () => {
  const events: SupervisionEvent[] = [
    ended("b"),
    ended("a"),
    { kind: "restart" },
    ended("c", "shutdown"),
    { kind: "restart" },
  ];
  assertEquals(play(threePermanent("rest-for-one"), events), [
    "a:running b:waiting c:stopping | stop c",
    "a:waiting b:waiting c:stopping",
    "a:waiting b:waiting c:stopping",
    "a:waiting b:waiting c:waiting | restartAfter 50",
    "a:running b:running c:running | start a | start b | start c",
  ]);
});

Deno.test("stepSupervision() gives up at more than intensity restarts in periodMs", () => {
  const restart: SupervisionEvent = { kind: "restart" };
  const within = [0, 10, 20, 999].flatMap((nowMs) => [ended("a", "panic", nowMs), restart]);
  assertEquals(play(createState("one-for-one", ["permanent"]), within).filter((_, i) => !(i % 2)), [
    "a:waiting | restartAfter 0",
    "a:waiting | restartAfter 50",
    "a:waiting | restartAfter 100",
    "a:stopped | giveUp a",
  ]);
  const spread = [0, 10, 20, 1000].flatMap((nowMs) => [ended("a", "panic", nowMs), restart]);
  assertEquals(
    play(createState("one-for-one", ["permanent"]), spread).at(-2),
    "a:waiting | restartAfter 100",
  );
});

Deno.test("stepSupervision() of an intensity of 0 gives up at the first", () => {
  const state = createState("one-for-one", ["permanent", "temporary"]);
  const strict = { ...state, limits: { ...limits, intensity: 0 } };
  assertEquals(play(strict, [ended("b"), ended("a")]), ["a:running", "a:stopped | giveUp a"]);
});

Deno.test("stepSupervision() counts no end that needs no restart", () => {
  const state = createState("one-for-one", ["transient", "temporary", "permanent"]);
  const [next] = stepSupervision(stepSupervision(state, ended("a", "normal"))[0], ended("b"));
  assertEquals(next.restartsMs, []);
});

Deno.test("stepSupervision() ignores what it does not know and changes no state it was given", () => {
  const state = Object.freeze(threePermanent("all-for-one"));
  const copy = structuredClone(state);
  assertEquals(stepSupervision(state, ended("z")), [state, []]);
  stepSupervision(state, ended("a"));
  assertEquals(state, copy);
});

Deno.test("backoff() is none, then doubles up to its bound", () => {
  assertEquals([0, 1, 2, 3, 4, 5, 5000].map((count) => backoff(limits, count)), [
    0,
    0,
    50,
    100,
    150,
    150,
    150,
  ]);
  assertEquals(backoff({ ...limits, backoffMs: 0 }, 5000), 0);
});
