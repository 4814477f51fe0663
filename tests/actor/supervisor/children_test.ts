import { Children } from "../../../src/actor/supervisor/children.ts";
import { resolveSupervisor } from "../../../src/actor/supervisor/options.ts";
import type { SupervisionEvent } from "../../../src/actor/supervisor/supervision.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { idle } from "../stage.ts";

const ended = (id: string, reason: string): SupervisionEvent => {
  return { kind: "ended", id, reason, nowMs: 0 };
};

function createSimple(count: number): Children {
  const children = new Children(resolveSupervisor({
    strategy: "simple-one-for-one",
    children: [{ id: "job", run: idle }],
  }));
  for (let i = 1; i <= count; i++) {
    children.step({ kind: "added", id: `job_${i}`, restart: "transient" });
  }
  return children;
}

Deno.test("Children of a simple supervisor are looked at one by one, however many there are", () => {
  const children = createSimple(1000);
  assertEquals(children.size, 1000);
  const events: SupervisionEvent[] = [
    { kind: "added", id: "job_1001", restart: "transient" },
    ended("job_7", "panic"),
    ended("job_8", "normal"),
    { kind: "removed", id: "job_9" },
    { kind: "restart" },
  ];
  assertEquals(events.map((event) => children.concernedBy(event).length), [0, 1, 1, 1, 0]);
  children.step(ended("job_7", "panic"));
  assertEquals(children.concernedBy({ kind: "restart" }).map(({ id }) => id), ["job_7"]);
});

Deno.test("Children.step() of a simple supervisor forgets those that are gone for good", () => {
  const children = createSimple(4);
  assertEquals(children.step(ended("job_1", "normal")), []);
  assertEquals(children.step({ kind: "removed", id: "job_2" }), []);
  assertEquals(children.step(ended("job_3", "panic")), [{ kind: "restartAfter", delayMs: 0 }]);
  assertEquals(children.step(ended("nobody", "panic")), []);
  const phases = Array.from(children.all(), ({ id, phase }) => `${id} ${phase}`);
  assertEquals(phases, ["job_3 waiting", "job_4 running"]);
  assertEquals(children.step({ kind: "restart" }), [{ kind: "start", id: "job_3" }]);
  assertEquals(children.step({ kind: "restart" }), []);
});

Deno.test("Children.step() counts the restarts of all together", () => {
  const children = createSimple(10);
  const effects = Array.from(
    { length: 6 },
    (_, i) => children.step(ended(`job_${i + 1}`, "panic")),
  );
  assertEquals(effects.at(-2)!.map(({ kind }) => kind), ["restartAfter"]);
  assertEquals(effects.at(-1), [{ kind: "giveUp", id: "job_6" }]);
});

Deno.test("Children.step() of a group keeps the order of the declaration", () => {
  const ids = ["a", "b", "c"];
  const children = new Children(resolveSupervisor({
    strategy: "all-for-one",
    children: ids.map((id) => ({ id, run: idle })),
  }));
  assertEquals(children.concernedBy(ended("b", "panic")).length, 3);
  children.step(ended("b", "panic"));
  for (const id of ["c", "a"]) children.step(ended(id, "shutdown"));
  const starts = children.step({ kind: "restart" });
  assertEquals(starts, ids.map((id) => ({ kind: "start", id })));
  children.step({ kind: "removed", id: "a" });
  assertEquals(Array.from(children.all(), ({ id }) => id), ["b", "c"]);
});
