import { BoundedCounts, MAX_LABELS } from "../../src/telemetry/metrics/bounded_counts.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("BoundedCounts counts by label, and further labels as other", () => {
  const counts = new BoundedCounts();
  for (let i = 0; i < MAX_LABELS; i++) counts.add(`label ${i}`);
  for (let i = 0; i < 1000; i++) counts.add(`further ${i}`);
  counts.add("label 0");
  const all = new Map(counts);
  assertEquals([all.size, all.get("label 0"), all.get("other")], [MAX_LABELS + 1, 2, 1000]);
});
