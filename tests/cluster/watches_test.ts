import type { Address, Ref } from "../../src/actor/mod.ts";
import { stepWatches, type WatchEvent, type WatchState } from "../../src/cluster/watches.ts";
import { assertEquals } from "../helpers/assert.ts";

const WATCHER = "<a@h/1/1>" as Address;
const TARGET = "<b@h/2/1>" as Address;

function watch(ref: string, node = "b@h", isReachable = true): WatchEvent {
  return { type: "watch", ref: ref as Ref, node, watcher: WATCHER, target: TARGET, isReachable };
}

function down(ref: string): WatchEvent {
  return { type: "down", ref: ref as Ref, reason: "normal" };
}

/** What fired, as `ref reason`. */
function firedBy(...events: WatchEvent[]): string[] {
  let state: WatchState = new Map();
  return events.flatMap((event) => {
    const [next, effects] = stepWatches(state, event);
    state = next;
    return effects.map(({ ref, reason }) => `${ref} ${reason}`);
  });
}

Deno.test("stepWatches() fires once, whether the target or its node is lost first", () => {
  const nodeDown = { type: "nodeDown", node: "b@h" } as const;
  assertEquals(firedBy(watch("1"), down("1"), down("1"), nodeDown), ["1 normal"]);
  assertEquals(firedBy(watch("1"), nodeDown, down("1"), nodeDown), ["1 noconnection"]);
});

Deno.test("stepWatches() fires for the node that is down only, and for all when isolated", () => {
  const events = [watch("1"), watch("2", "c@h"), watch("3")];
  assertEquals(firedBy(...events, { type: "nodeDown", node: "b@h" }), [
    "1 noconnection",
    "3 noconnection",
  ]);
  assertEquals(firedBy(...events, { type: "isolated" }).length, 3);
});

Deno.test("stepWatches() fires at once for what cannot be reached", () => {
  assertEquals(firedBy(watch("1", "b@h", false), down("1")), ["1 noconnection"]);
});

Deno.test("stepWatches() fires for nothing that was taken back", () => {
  const unwatch = { type: "unwatch", ref: "1" as Ref } as const;
  assertEquals(firedBy(watch("1"), unwatch, down("1"), { type: "isolated" }), []);
});
