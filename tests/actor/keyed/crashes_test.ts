import { Crashes } from "../../../src/actor/keyed/crashes.ts";
import { assertEquals } from "../../helpers/assert.ts";

Deno.test("Crashes counts those of the period for each key", () => {
  const crashes = new Crashes({ intensity: 2, periodMs: 100 });
  const isTooMany = (nowMs: number) => ["a", "b"].map((key) => crashes.isTooMany(key, nowMs));
  assertEquals(crashes.has("a", 0), false);
  for (const nowMs of [0, 10, 20]) crashes.add("a", nowMs);
  crashes.add("b", 20);
  assertEquals([isTooMany(20), isTooMany(99), isTooMany(100)], [
    [true, false],
    [true, false],
    [false, false],
  ]);
  assertEquals([crashes.has("a", 119), crashes.has("a", 120)], [true, false]);
});

Deno.test("Crashes forgets keys whose failures are long ago", () => {
  const crashes = new Crashes({ intensity: 2, periodMs: 100 });
  for (let nowMs = 0; nowMs < 1000; nowMs++) crashes.add(`key ${nowMs}`, nowMs);
  assertEquals(crashes.size, 100);
});
