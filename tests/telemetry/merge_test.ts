import { mergeMetrics } from "../../src/telemetry/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("mergeMetrics() adds up what is counted, and labels what is of one thread", () => {
  const text = (count: number, lag: number) =>
    `# HELP a_total Counted.\n# TYPE a_total counter\n` +
    `a_total{endpoint="/w s"} ${count}\na_total ${count}\n` +
    `# HELP lag Late.\n# TYPE lag gauge\nlag ${lag}\nlag{of="x"} ${lag}\n`;
  const threads = [{ worker: "1", text: text(2, 0.5) }, { worker: "2", text: text(3, 0.25) }];
  assertEquals(
    mergeMetrics(threads, (name) => name === "lag"),
    `# HELP a_total Counted.\n# TYPE a_total counter\n` +
      `a_total{endpoint="/w s"} 5\na_total 5\n` +
      `# HELP lag Late.\n# TYPE lag gauge\n` +
      `lag{worker="1"} 0.5\nlag{of="x",worker="1"} 0.5\n` +
      `lag{worker="2"} 0.25\nlag{of="x",worker="2"} 0.25\n`,
  );
});
