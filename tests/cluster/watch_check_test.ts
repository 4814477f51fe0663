import { WATCH_PATIENCE_MS, WatchCheck } from "../../src/cluster/watch_check.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("WatchCheck finds a watch behind that has not told an own write for 2 s, once", () => {
  const check = new WatchCheck();
  check.wrote(5, 0);
  check.told(4);
  assertEquals([WATCH_PATIENCE_MS - 1, WATCH_PATIENCE_MS, 9_000].map((ms) => check.isBehind(ms)), [
    false,
    true,
    false,
  ]);
});

Deno.test("WatchCheck trusts a watch that tells a write before or after its answer, or a later one", () => {
  const check = new WatchCheck();
  check.told(5);
  check.wrote(5, 0);
  check.wrote(6, 0);
  check.told(6);
  check.wrote(7, 0);
  check.told(9);
  assertEquals(check.isBehind(60_000), false);
});

Deno.test("WatchCheck waits for the oldest write, and forgets it when the watch begins anew", () => {
  const check = new WatchCheck();
  check.wrote(5, 0);
  check.wrote(6, 1_900);
  assertEquals(check.isBehind(2_000), true);
  check.wrote(7, 3_000);
  check.begin();
  assertEquals(check.isBehind(9_000), false);
});
