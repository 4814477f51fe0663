import { chooseMoves, parseShardKey, placeShards, shardKey } from "../../src/cluster/placement.ts";
import { loadHash, rendezvous, shardOf } from "../../src/cluster/rendezvous.ts";
import { assert, assertEquals, assertGreater, assertLess } from "../helpers/assert.ts";

const hash = await loadHash();

Deno.test("placeShards() moves only the shards of a node that joins, about 1/N of them", () => {
  const three = placeShards("game", ["a@h", "b@h", "c@h"], hash);
  const four = placeShards("game", ["a@h", "b@h", "c@h", "d@h"], hash);
  const moved = three.flatMap((owner, shard) => owner === four[shard] ? [] : [four[shard]]);
  assertEquals(new Set(moved), new Set(["d@h"]));
  assertGreater(moved.length, 200);
  assertLess(moved.length, 312);
  for (const node of ["a@h", "b@h", "c@h"]) {
    assertGreater(three.filter((owner) => owner === node).length, 280);
  }
});

Deno.test("placeShards() does not depend on the order of the nodes, nor fail without one", () => {
  assertEquals(
    placeShards("game", ["b@h", "a@h"], hash),
    placeShards("game", ["a@h", "b@h"], hash),
  );
  assertEquals(placeShards("game", [], hash), []);
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
  assertEquals(chooseMoves([2, 4], [], "a", 0), []);
});

Deno.test("parseShardKey() reads what shardKey() writes, and nothing else", () => {
  assertEquals(parseShardKey(shardKey("game.v2", 1_023)), { group: "game.v2", shard: 1_023 });
  for (const other of ["k.game.1024", "k.game.x", "k.7", "g.game.7", "k.game.7.8"]) {
    assertEquals(parseShardKey(other), undefined);
  }
});
