import { chooseMoves, placeShards } from "../../src/cluster/placement.ts";
import { loadHash, rendezvous, shardOf } from "../../src/cluster/rendezvous.ts";
import { type ParkingState, stepParking } from "../../src/cluster/parking.ts";
import { assert, assertEquals, assertGreater, assertLess } from "../helpers/assert.ts";

const hash = await loadHash();

Deno.test("placeShards() moves only the shards of a node that joins, about 1/N of them", () => {
  const three = placeShards(["a@h", "b@h", "c@h"], hash);
  const four = placeShards(["a@h", "b@h", "c@h", "d@h"], hash);
  const moved = three.flatMap((owner, shard) => owner === four[shard] ? [] : [four[shard]]);
  assertEquals(new Set(moved), new Set(["d@h"]));
  assertGreater(moved.length, 200);
  assertLess(moved.length, 312);
  for (const node of ["a@h", "b@h", "c@h"]) {
    assertGreater(three.filter((owner) => owner === node).length, 280);
  }
});

Deno.test("placeShards() does not depend on the order of the nodes, nor fail without one", () => {
  assertEquals(placeShards(["b@h", "a@h"], hash), placeShards(["a@h", "b@h"], hash));
  assertEquals(placeShards([], hash), []);
});

Deno.test("rendezvous() keeps the order of those that stay", () => {
  const all = rendezvous("names.board", ["a", "b", "c", "d"], hash);
  const left = rendezvous("names.board", ["d", "c", "a"], hash);
  assertEquals(left, all.filter((node) => node !== "b"));
});

Deno.test("shardOf() gives 1 024 shards", () => {
  const shards = Array.from({ length: 20_000 }, (_, i) => shardOf(`game/${i}`, hash));
  assertEquals(new Set(shards).size, 1_024);
  assert(shards.every((shard) => shard >= 0 && shard < 1_024));
});

Deno.test("chooseMoves() lets at most 64 shards move at a time", () => {
  const owners = Array.from({ length: 1_024 }, (_, shard) => shard % 2 === 0 ? "a" : "b");
  const held = owners.map((_, shard) => shard);
  assertEquals(chooseMoves(held, owners, "a", 0).length, 64);
  assertEquals(chooseMoves(held, owners, "a", 60), [1, 3, 5, 7]);
  assertEquals(chooseMoves(held, owners, "a", 70), []);
  assertEquals(chooseMoves([2, 4], owners, "a", 0), []);
});

function park(state: ParkingState, type: "moving" | "settled" | "offer" | "tick", nowMs: number) {
  return stepParking(state, type === "tick" ? { type } : { type, shard: 7 }, nowMs);
}

Deno.test("stepParking() keeps 1 000 messages of a moving shard, then it is full", () => {
  let [state] = park(new Map(), "moving", 0);
  const types = Array.from({ length: 1_001 }, () => {
    const [next, [effect]] = park(state, "offer", 10);
    state = next;
    return effect!.type;
  });
  assertEquals(types.filter((type) => type === "parked").length, 1_000);
  assertEquals(types.at(-1), "full");
  const [settled, effects] = park(state, "settled", 20);
  assertEquals(effects, [{ type: "flush", shard: 7 }]);
  assertEquals(park(settled, "offer", 21)[1], [{ type: "direct", shard: 7 }]);
});

Deno.test("stepParking() drops and counts what waited for 5 s", () => {
  let [state] = park(new Map(), "moving", 0);
  [state] = park(state, "offer", 10);
  assertEquals(park(state, "tick", 4_999)[1], []);
  const [late, effects] = park(state, "tick", 5_000);
  assertEquals(effects, [{ type: "drop", shard: 7, lost: 1 }]);
  assertEquals(park(late, "offer", 5_001)[1], [{ type: "full", shard: 7 }]);
  assertEquals(park(late, "settled", 5_002)[1], []);
});
