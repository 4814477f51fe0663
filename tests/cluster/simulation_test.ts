import fc from "fast-check";
import { assert, assertEquals } from "../helpers/assert.ts";
import { run, schedules } from "./simulation/schedule.ts";
import type { Mutation } from "./simulation/world.ts";

const SEED = 20_261_127;

Deno.test("a cluster keeps its invariants in 20 000 random schedules of 3 to 5 nodes", () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      assertEquals(run(schedule, "none").violation, undefined);
    }),
    { numRuns: 20_000, seed: SEED },
  );
});

for (
  const [mutation, what] of [
    ["noFenceCheck", "is owned by"],
    ["noCompareAndSet", "is owned by"],
    ["noGapCount", "counted as lost"],
    ["noResync", "waits for what has ended"],
    ["noSkip", "came after"],
    ["firesAgain", "fired 2 times"],
  ] as const satisfies readonly (readonly [Mutation, string])[]
) {
  Deno.test(`the simulation finds a violation with ${mutation}`, () => {
    const isSound = fc.property(schedules, (schedule) => {
      const { violation } = run(schedule, mutation);
      return violation === undefined || !violation.includes(what);
    });
    const result = fc.check(isSound, { numRuns: 5_000, seed: SEED, endOnFailure: true });
    assert(result.failed);
  });
}
