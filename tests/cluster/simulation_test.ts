import fc from "fast-check";
import { assert, assertEquals, assertGreater } from "../helpers/assert.ts";
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
    ["signalsAgain", "got 2 exit signals of one link"],
    ["signalsOvertake", "came after a signal that was sent after it"],
    ["noResend", "never came"],
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

Deno.test("the simulation reaches what it is there for", () => {
  const reached = {
    delivered: 0,
    lost: 0,
    fired: 0,
    signalled: 0,
    exits: 0,
    relinked: 0,
    isolated: 0,
    restarted: 0,
    given: 0,
  };
  for (const schedule of fc.sample(schedules, { numRuns: 300, seed: SEED })) {
    const world = run(schedule, "none");
    reached.given += world.given;
    for (const { owner, links, incarnation } of world.starts) {
      if (owner.session > 1) reached.isolated++;
      if (incarnation > schedule.nodes) reached.restarted++;
      for (const times of links.ties.fired.values()) reached.fired += times;
      for (const times of links.ties.signalled.values()) reached.signalled += times;
      for (const peer of links.peers) {
        if (peer === undefined) continue;
        reached.delivered += peer.delivered;
        reached.exits += peer.exitsSeen.size;
        reached.lost += peer.lostIn + peer.lostOut;
        if (peer.link.linkEpoch > 1) reached.relinked++;
      }
    }
  }
  for (const [what, times] of Object.entries(reached)) assertGreater(times, 30, what);
});
