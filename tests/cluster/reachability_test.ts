import {
  type ReachabilityEvent,
  type ReachabilityState,
  startReachability,
  stepReachability,
} from "../../src/cluster/reachability.ts";
import { assertEquals } from "../helpers/assert.ts";

class Stage {
  state: ReachabilityState = startReachability(0);
  isBrokerAway = false;

  at(nowMs: number, event: ReachabilityEvent): string[] {
    const [next, effects] = stepReachability(this.state, event, this.isBrokerAway, nowMs);
    this.state = next;
    return effects.map(({ type }) => type);
  }

  hear(nowMs: number, linkEpoch = 1, isConfirmed = true): string[] {
    return this.at(nowMs, { type: "heard", linkEpoch, isConfirmed });
  }
}

function up(): Stage {
  const stage = new Stage();
  stage.hear(0);
  stage.at(0, { type: "tick" });
  return stage;
}

Deno.test("stepReachability() is up when each side has heard the other", () => {
  const stage = new Stage();
  assertEquals(stage.hear(10, 1, false), []);
  assertEquals(stage.hear(20, 1, true), ["nodeUp"]);
});

Deno.test("stepReachability() probes after two missed heartbeats, and is down without responders", () => {
  const stage = up();
  assertEquals(stage.at(1_000, { type: "tick" }), ["heartbeat"]);
  assertEquals(stage.at(2_000, { type: "tick" }), ["heartbeat", "probe"]);
  assertEquals(stage.at(2_010, { type: "noResponders" }), ["nodeDown", "relink"]);
  assertEquals(stage.at(2_020, { type: "noResponders" }), []);
});

Deno.test("stepReachability() of time-outs only is suspect, then down at 10 s", () => {
  const stage = up();
  stage.at(2_000, { type: "tick" });
  assertEquals(stage.at(2_900, { type: "probeTimedOut" }), []);
  assertEquals(stage.state.phase, "suspect");
  assertEquals(stage.at(9_999, { type: "tick" }).includes("nodeDown"), false);
  assertEquals(stage.at(10_000, { type: "tick" }), ["nodeDown", "relink"]);
});

Deno.test("stepReachability() takes a suspicion back without an end of the link", () => {
  const stage = up();
  stage.at(2_000, { type: "tick" });
  stage.at(2_900, { type: "probeTimedOut" });
  assertEquals(stage.hear(3_000), []);
  assertEquals([stage.state.phase, stage.state.linkEpoch], ["up", 1]);
  assertEquals(stage.at(3_010, { type: "noResponders" }), []);
});

Deno.test("stepReachability() is up again with a new epoch only", () => {
  const stage = up();
  stage.at(10_000, { type: "tick" });
  assertEquals(stage.hear(11_000, 1), ["stale"]);
  assertEquals(stage.hear(11_500, 2), ["nodeUp"]);
  assertEquals(stage.state.linkEpoch, 2);
});

Deno.test("stepReachability() is down when the peer has given the link up", () => {
  const stage = up();
  assertEquals(stage.hear(500, 4, false), ["nodeDown", "relink"]);
  assertEquals(stage.hear(900, 4, true), ["nodeUp"]);
});

Deno.test("stepReachability() is down at 10 s over a link that goes one way", () => {
  const stage = up();
  for (let nowMs = 500; nowMs < 10_000; nowMs += 500) stage.hear(nowMs, 1, false);
  assertEquals(stage.at(10_000, { type: "tick" }), ["nodeDown", "relink"]);
});

Deno.test("stepReachability() calls nobody dead for lack of its own connection", () => {
  const stage = up();
  stage.at(2_000, { type: "tick" });
  stage.at(2_100, { type: "brokerLost" });
  stage.isBrokerAway = true;
  assertEquals(stage.at(2_200, { type: "noResponders" }), []);
  assertEquals(stage.at(60_000, { type: "tick" }), []);
  stage.isBrokerAway = false;
  stage.at(60_500, { type: "brokerBack" });
  assertEquals(stage.at(60_500, { type: "tick" }), ["heartbeat"]);
  assertEquals([stage.hear(61_000), stage.state.phase], [[], "up"]);
});

Deno.test("stepReachability() fires once for an isolated node", () => {
  const stage = up();
  assertEquals(stage.at(100, { type: "isolated" }), ["nodeDown", "relink"]);
  assertEquals(stage.at(200, { type: "leaseLost" }), []);
});
