import {
  type ClaimEvent,
  type ClaimState,
  type ClaimView,
  fenceOf,
  stepClaim,
  UNCLAIMED,
} from "../../src/cluster/claim.ts";
import { assertEquals } from "../helpers/assert.ts";

const SELF = { node: "a@h", incarnation: "i1", session: 1 };
const OTHER = { node: "b@h", incarnation: "i2", session: 1 };
const VIEW: ClaimView = {
  self: SELF,
  holdsLease: true,
  mayJudgeOthers: true,
  isOwnerAlive: () => false,
  rank: 0,
  isForFirstOnly: true,
  givesAway: false,
  drainMs: 5_000,
  patienceMs: 1_000,
};

class Stage {
  state: ClaimState = UNCLAIMED;

  at(nowMs: number, event: ClaimEvent, change: Partial<ClaimView> = {}) {
    const [next, effects] = stepClaim(this.state, event, { ...VIEW, ...change }, nowMs);
    this.state = next;
    return effects;
  }

  tick(nowMs: number, change: Partial<ClaimView> = {}) {
    return this.at(nowMs, { type: "tick" }, change);
  }
}

function held(): Stage {
  const stage = new Stage();
  stage.tick(0);
  stage.tick(1);
  stage.at(2, { type: "claimed", revision: 4, session: 1 });
  return stage;
}

Deno.test("stepClaim() claims what nobody owns, and runs it with the revision as its fence", () => {
  const stage = new Stage();
  assertEquals([...stage.tick(0), ...stage.tick(1)], [
    { type: "claim", owner: SELF, expected: 0 },
  ]);
  const effects = stage.at(2, { type: "claimed", revision: 4, session: 1 });
  assertEquals([effects, fenceOf(stage.state, VIEW)], [[{ type: "run", fence: 4 }], 4]);
});

Deno.test("stepClaim() leaves a key to a live owner, and waits until it may judge", () => {
  const stage = new Stage();
  stage.at(0, { type: "seen", revision: 9, owner: OTHER });
  stage.tick(0);
  assertEquals(stage.tick(5_000, { isOwnerAlive: () => true }), []);
  assertEquals(stage.tick(5_001, { mayJudgeOthers: false }), []);
  assertEquals(stage.tick(5_002, { holdsLease: false }), []);
  assertEquals(stage.tick(5_003), [{ type: "claim", owner: SELF, expected: 9 }]);
});

Deno.test("stepClaim() of a later candidate waits for each one before it", () => {
  const stage = new Stage();
  const second = { rank: 2, isForFirstOnly: false };
  stage.tick(0, second);
  assertEquals(stage.tick(1_999, second), []);
  assertEquals(stage.tick(2_000, second).length, 1);
});

Deno.test("stepClaim() ends at once without its lease, or with another session", () => {
  assertEquals(held().tick(10, { holdsLease: false }), [{ type: "end" }]);
  assertEquals(held().tick(10, { self: { ...SELF, session: 2 } })[0], { type: "end" });
});

Deno.test("stepClaim() ends what somebody else was seen to own, not by an older change", () => {
  const stage = held();
  assertEquals(stage.at(9, { type: "seen", revision: 3, owner: OTHER }), []);
  assertEquals(stage.at(9, { type: "seen", revision: 5, owner: OTHER }), [{ type: "end" }]);
});

Deno.test("stepClaim() drains before it gives a key away, for 5 s at most", () => {
  const away = { rank: 1, givesAway: true };
  const stage = held();
  assertEquals(stage.tick(10, away), [{ type: "drain" }]);
  assertEquals(stage.at(99, { type: "drained" }, away), [{ type: "release", expected: 4 }]);
  const slow = held();
  slow.tick(10, away);
  assertEquals(slow.tick(5_009, away), []);
  assertEquals(slow.tick(5_010, away), [{ type: "end" }, { type: "release", expected: 4 }]);
});

Deno.test("stepClaim() never runs again what it gave back, and gives it back until that arrived", () => {
  const away = { rank: 1, givesAway: true };
  const stage = held();
  stage.tick(10, away);
  stage.at(99, { type: "drained" }, away);
  assertEquals(stage.at(100, { type: "seen", revision: 4, owner: SELF }), []);
  assertEquals(fenceOf(stage.state, VIEW), undefined);
  assertEquals(stage.tick(2_000), [{ type: "release", expected: 4 }]);
});

Deno.test("stepClaim() takes a claim whose answer was lost for its own when it is seen", () => {
  const stage = new Stage();
  stage.tick(0);
  stage.tick(1);
  stage.tick(1_001);
  const effects = stage.at(1_002, { type: "seen", revision: 7, owner: SELF });
  assertEquals(effects, [{ type: "run", fence: 7 }]);
});

Deno.test("stepClaim() learns from a refusal what it did not see", () => {
  const stage = new Stage();
  stage.at(0, { type: "seen", revision: 9, owner: OTHER });
  stage.tick(0);
  stage.tick(1);
  stage.at(2, { type: "refused", found: undefined });
  assertEquals(stage.tick(3), [{ type: "claim", owner: SELF, expected: 0 }]);
});

Deno.test("stepClaim() of a shard takes at once what nobody has, and what its node had before", () => {
  const early = { mayJudgeOthers: false };
  const free = new Stage();
  free.tick(0, early);
  assertEquals(free.tick(1, early), [{ type: "claim", owner: SELF, expected: 0 }]);
  const mine = new Stage();
  const before = { ...SELF, incarnation: "i0", session: 3 };
  mine.at(0, { type: "seen", revision: 9, owner: before }, early);
  mine.tick(0, early);
  assertEquals(mine.tick(1, early), [{ type: "claim", owner: SELF, expected: 9 }]);
});

Deno.test("stepClaim() makes a drained shard over to its next owner, until that has arrived", () => {
  const stage = held();
  const away = { givesAway: true, rank: 1 };
  assertEquals(stage.tick(10, away), [{ type: "drain" }]);
  const release = { type: "release", expected: 4, to: OTHER } as const;
  assertEquals(stage.at(20, { type: "drained", to: OTHER }, away), [release]);
  assertEquals(fenceOf(stage.state, VIEW), undefined);
  // The answer was lost, and the store still has this node.
  assertEquals(stage.at(30, { type: "seen", revision: 4, owner: SELF }, away), []);
  assertEquals(stage.tick(1_500, away), [release]);
  assertEquals(stage.at(1_510, { type: "seen", revision: 5, owner: OTHER, from: 4 }, away), []);
  assertEquals(stage.tick(3_000, { ...away, isOwnerAlive: () => true }), []);
});

Deno.test("stepClaim() runs what it was given, and tells by whom", () => {
  const stage = new Stage();
  const given = { type: "seen", revision: 12, owner: SELF, from: 9 } as const;
  assertEquals(stage.at(0, given), [{ type: "run", fence: 12, from: 9 }]);
  assertEquals(fenceOf(stage.state, VIEW), 12);
  // Of what was given to a session that is over it takes nothing: it is claimed anew.
  const late = new Stage();
  const old = { ...given, owner: { ...SELF, session: 0 } };
  assertEquals(late.at(0, old), []);
  late.tick(0);
  assertEquals(late.tick(1), [{ type: "claim", owner: SELF, expected: 12 }]);
});
