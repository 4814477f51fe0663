import { BATCH_INTERVAL_MS, planBatches } from "../../src/websocket/batches.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

Deno.test("planBatches() closes everything at once where there is no time", () => {
  assertEquals(planBatches(5, 0), [5]);
  assertEquals(planBatches(5, BATCH_INTERVAL_MS - 1), [5]);
  assertEquals(planBatches(0, 1_000), []);
});

Deno.test("planBatches() makes batches of nearly equal size", () => {
  assertEquals(planBatches(10, 3 * BATCH_INTERVAL_MS), [3, 3, 4]);
  assertEquals(planBatches(4, 2 * BATCH_INTERVAL_MS), [2, 2]);
  assertEquals(planBatches(2, 60_000), [1, 1]);
});

Deno.test("planBatches() closes each connection once, none later than the time given", () => {
  for (const count of [1, 7, 100, 9_999]) {
    for (const spreadMs of [0, 100, 350, 10_000]) {
      const batches = planBatches(count, spreadMs);
      assertEquals(batches.reduce((sum, size) => sum + size), count);
      assert((batches.length - 1) * BATCH_INTERVAL_MS <= spreadMs);
      assert(Math.max(...batches) - Math.min(...batches) <= 1);
    }
  }
});
