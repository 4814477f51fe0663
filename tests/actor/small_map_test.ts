import { SmallMap } from "../../src/actor/small_map.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("SmallMap keeps no, one and many entries", () => {
  const map = new SmallMap<string, number>();
  assertEquals([map.size, map.get("a"), [...map]], [0, undefined, []]);
  map.set("a", 1);
  assertEquals([map.size, map.get("a"), map.get("b"), [...map]], [1, 1, undefined, [["a", 1]]]);
  map.set("b", 2);
  map.set("c", 3);
  assertEquals([map.size, map.get("a"), map.get("c")], [3, 1, 3]);
  assertEquals([...map], [["a", 1], ["b", 2], ["c", 3]]);
});

Deno.test("SmallMap replaces the value of a key, wherever it is kept", () => {
  const map = new SmallMap<string, number>();
  for (const [key, value] of [["a", 1], ["b", 2], ["a", 3], ["b", 4]] as const) map.set(key, value);
  assertEquals([...map], [["a", 3], ["b", 4]]);
  map.delete("a");
  map.set("b", 5);
  assertEquals([map.size, [...map]], [1, [["b", 5]]]);
});

Deno.test("SmallMap deletes what there is and says whether there was", () => {
  const map = new SmallMap<string, number>();
  assertEquals(map.delete("a"), false);
  map.set("a", 1);
  map.set("b", 2);
  assertEquals([map.delete("a"), map.delete("a"), map.delete("b"), map.size], [
    true,
    false,
    true,
    0,
  ]);
  map.set("c", 3);
  assertEquals([...map], [["c", 3]]);
});
