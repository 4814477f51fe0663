import { assertEquals, assertStringIncludes } from "../../helpers/assert.ts";
import { charted, toChart } from "../../../scripts/bench/results/chart.ts";
import { toDocument } from "../../../scripts/bench/results/document.ts";
import { toSection, toTable } from "../../../scripts/bench/results/table.ts";
import type { MemoryResult, RateResult, Results } from "../../../scripts/bench/results/types.ts";

const RATES: RateResult = {
  kind: "rate",
  id: "echo-1",
  group: "echo",
  title: "Echo <1>",
  unit: "messages",
  rows: [
    {
      entry: "troupe-ws",
      title: "Troupe",
      perSecond: { median: 1_000, low: 950, high: 1_050 },
      perCpuSecond: { median: 2_000, low: 1_900, high: 2_100 },
      generatorShare: 0.97,
      latencyMicros: { p50: 120, p90: 200, p99: 1_500, p999: 20_000, max: 30_000 },
    },
    {
      entry: "bun",
      title: "Bun",
      perSecond: { median: 4_000, low: 4_000, high: 4_000 },
      perCpuSecond: undefined,
      generatorShare: 0.5,
      latencyMicros: undefined,
    },
  ],
  failures: [{ entry: "ws", title: "ws on Node", reason: "there is no node here" }],
  goals: [
    { entry: "troupe-ws", over: "bun", ratio: 0.55, goal: 0.5 },
    { entry: "troupe-ws", over: "bun", ratio: 0.45, goal: 0.5 },
    { entry: "troupe-ws", over: "ws", ratio: undefined, goal: 2 },
  ],
};

const MEMORY: MemoryResult = {
  kind: "memory",
  id: "idle",
  group: "idle",
  title: "Memory",
  connections: 9_000,
  rows: [{
    entry: "bun",
    title: "Bun",
    bytes: [{ afterSeconds: 5, bytes: 1_900.4 }, { afterSeconds: 33, bytes: undefined }],
  }],
  failures: [],
  goals: [5, 33, 60].map((afterSeconds) => ({ entry: "bun", afterSeconds, bytes: 1_900 })),
};

const RESULTS: Results = {
  date: "2026-01-02T03:04:05.000Z",
  machine: { cpu: "Example CPU", cores: 2, memoryGiB: 8, system: "Linux 6" },
  versions: { Deno: "2.9.6", bun: "1.4.5" },
  plan: { isQuick: false, rounds: 5, roundMs: 1_000 },
  missing: [{ entry: "gorilla", title: "gorilla/websocket", reason: "there is no go here" }],
  scenarios: [RATES, MEMORY],
};

Deno.test("toTable() pads columns, all but the first to the right", () => {
  assertEquals(
    toTable(["", "rate"], [["a", "12,345"], ["bcde", "1"]]),
    ["|      |   rate |", "| ---- | -----: |", "| a    | 12,345 |", "| bcde |      1 |"].join("\n"),
  );
});

Deno.test("toSection() shows spread, time, a busy generator, latencies, goals, the missing", () => {
  const lines = toSection(RATES).split("\n").map((line) => line.replaceAll(/ +/g, " "));
  assertEquals(lines, [
    "| | messages per second | per CPU second | generator | p50 ms | p90 | p99 | p99.9 | max |",
    lines[1]!,
    "| Troupe | 1,000 ± 5 % | 2,000 ± 5 % | 97 % (!) | 0.12 | 0.20 | 1.50 | 20 | 30 |",
    "| Bun | 4,000 ± 0 % | | 50 % | | | | | |",
    "",
    "- Troupe is 0.55 × Bun (goal 0.50: reached)",
    "- Troupe is 0.45 × Bun (goal 0.50: MISSED)",
    "- Troupe over ws: not measured (goal 2.00)",
    "- ws on Node is missing: there is no node here",
  ]);
});

Deno.test("toSection() shows memory at each time, and a gap where it is not known", () => {
  const lines = toSection(MEMORY).split("\n").map((line) => line.replaceAll(/ +/g, " "));
  assertEquals(lines, [
    "| bytes for each | after 5 s | after 33 s |",
    lines[1]!,
    "| Bun | 1,900 | |",
    "",
    "- Bun takes 1,900 bytes after 5 s (goal 1,900: MISSED)",
  ]);
});

Deno.test("charted() takes what compares something", () => {
  const alone = { ...RATES, rows: RATES.rows.slice(0, 1) };
  assertEquals(charted([RATES, MEMORY, alone]), [RATES]);
});

Deno.test("toChart() draws a bar for each entry, to scale, with text escaped", () => {
  const chart = toChart([RATES]);
  assertStringIncludes(chart, "Echo &#60;1&#62;: messages");
  const bars = [...chart.matchAll(/<rect class="(troupe|peer)" x="206" y="\d+" width="([\d.]+)"/g)];
  assertEquals(bars.map(([, kind]) => kind), ["troupe", "peer"]);
  // Bun tells no time, so its rate stands: 4,000 against 2,000.
  assertEquals(Number(bars[1]![2]) / Number(bars[0]![2]), 2);
});

Deno.test("toDocument() has machine, versions, date, the missing and all scenarios", () => {
  const page = toDocument(RESULTS);
  const wanted = [
    "2026-01-02 03:04 UTC",
    "Example CPU, 2 cores",
    "2.9.6",
    "5 of 1000 ms",
    "- gorilla/websocket is missing: there is no go here",
    "## Echo <1>",
    "## Memory, at 9,000",
    "(benchmarks.svg)",
    "(benchmarks.json)",
  ];
  for (const each of wanted) assertStringIncludes(page, each);
  assertEquals(page.includes("quick run"), false);
  const quick = toDocument({ ...RESULTS, plan: { ...RESULTS.plan, isQuick: true } });
  assertStringIncludes(quick, "These are of a quick run");
});
