import {
  holdsLease,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
  mayJudgeOthers,
  startLease,
  stepLease,
} from "../../src/cluster/lease.ts";
import { leaseLimits } from "../../src/cluster/limits.ts";
import { assertEquals } from "../helpers/assert.ts";

const LIMITS = leaseLimits(10_000);
const IDENTITY = {
  node: "a@h",
  incarnation: "i1",
  pid: 7,
  sinceMs: 1_000,
};
const OTHER = { ...IDENTITY, incarnation: "i0", session: 1, pid: 5 };

class Stage {
  state: LeaseState = startLease(IDENTITY);

  /** Steps at a time; gives the types of the effects. */
  at(nowMs: number, event: LeaseEvent): LeaseEffect["type"][] {
    return this.effectsAt(nowMs, event).map(({ type }) => type);
  }

  effectsAt(nowMs: number, event: LeaseEvent): readonly LeaseEffect[] {
    const [next, effects] = stepLease(this.state, event, LIMITS, nowMs);
    this.state = next;
    return effects;
  }

  holds(nowMs: number): boolean {
    return holdsLease(this.state, LIMITS, nowMs);
  }
}

function held(): Stage {
  const stage = new Stage();
  stage.at(0, { type: "connected" });
  stage.at(100, { type: "written", askedMs: 0, revision: 5 });
  return stage;
}

Deno.test("stepLease() creates, then renews each fifth of the TTL with its revision", () => {
  const stage = new Stage();
  const [create] = stage.effectsAt(0, { type: "connected" });
  assertEquals([create!.type, (create as { expected: number }).expected], ["write", 0]);
  assertEquals(stage.at(50, { type: "written", askedMs: 0, revision: 5 }), ["owned"]);
  assertEquals(stage.at(1_999, { type: "tick" }), []);
  const [renew] = stage.effectsAt(2_000, { type: "tick" });
  assertEquals((renew as { expected: number }).expected, 5);
});

Deno.test("holdsLease() ends at two thirds of the TTL, counted from the sending", () => {
  const stage = held();
  assertEquals([stage.holds(6_665), stage.holds(6_666)], [true, false]);
  assertEquals(stage.at(6_666, { type: "tick" }), ["isolated", "write"]);
  assertEquals(stage.at(6_700, { type: "tick" }), []);
});

Deno.test("stepLease() isolates one that was stopped, before a late answer revives it", () => {
  const stage = held();
  stage.at(2_000, { type: "tick" });
  const late = stage.at(12_000, { type: "written", askedMs: 2_000, revision: 6 });
  assertEquals([late, stage.holds(12_000)], [["isolated"], false]);
});

Deno.test("stepLease() refuses a second node of the name, and tells who has it", () => {
  const stage = new Stage();
  stage.at(0, { type: "connected" });
  const found = { record: OTHER, revision: 3 };
  const effects = stage.effectsAt(9, { type: "conflict", askedMs: 0, found, isHolderDead: false });
  assertEquals(effects, [{ type: "refused", holder: OTHER }]);
  assertEquals(stage.at(10_000, { type: "tick" }), []);
});

Deno.test("stepLease() takes the lease of a dead process of its machine over at once", () => {
  const stage = new Stage();
  stage.at(0, { type: "connected" });
  const found = { record: OTHER, revision: 3 };
  const [write] = stage.effectsAt(9, { type: "conflict", askedMs: 0, found, isHolderDead: true });
  assertEquals([write!.type, (write as { expected: number }).expected], ["write", 3]);
});

Deno.test("stepLease() goes on with a write of its own whose answer was lost", () => {
  const stage = held();
  stage.at(2_000, { type: "tick" });
  stage.at(4_000, { type: "tick" });
  const found = { record: stage.state.record, revision: 6 };
  const [renew] = stage.effectsAt(4_050, {
    type: "conflict",
    askedMs: 4_000,
    found,
    isHolderDead: false,
  });
  assertEquals([renew!.type, (renew as { expected: number }).expected], ["write", 6]);
  assertEquals(stage.at(4_100, { type: "written", askedMs: 4_050, revision: 7 }), []);
});

Deno.test("stepLease() is isolated at once when its lease is gone, and begins another session", () => {
  const stage = held();
  stage.at(2_000, { type: "tick" });
  const gone = { type: "conflict", askedMs: 2_000, found: undefined, isHolderDead: false } as const;
  assertEquals(stage.at(2_050, gone), ["isolated", "write"]);
  const effects = stage.effectsAt(2_100, { type: "written", askedMs: 2_050, revision: 9 });
  assertEquals(effects, [{ type: "owned", session: 2 }]);
});

Deno.test("mayJudgeOthers() waits for a whole TTL after each connection", () => {
  const stage = held();
  assertEquals(mayJudgeOthers(stage.state, LIMITS, 9_999), false);
  assertEquals(mayJudgeOthers(stage.state, LIMITS, 10_000), true);
  stage.at(10_100, { type: "disconnected" });
  assertEquals(mayJudgeOthers(stage.state, LIMITS, 99_000), false);
  stage.at(11_000, { type: "connected" });
  assertEquals(mayJudgeOthers(stage.state, LIMITS, 20_999), false);
});

Deno.test("stepLease() gives its lease back on a clean stop, once", () => {
  const stage = held();
  assertEquals(stage.effectsAt(200, { type: "stop" }), [{ type: "delete", expected: 5 }]);
  assertEquals(stage.at(300, { type: "stop" }), []);
});
