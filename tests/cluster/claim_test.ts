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
