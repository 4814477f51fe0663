import { assertEquals, assertThrows } from "../../helpers/assert.ts";
import { Flights, Latencies } from "../../../scripts/bench/latency.ts";
import { descendants, parseStat } from "../../../scripts/bench/process_tree.ts";
import { judge, type Sample } from "../../../scripts/bench/rates.ts";
import {
  median,
  medianRatio,
  orderOf,
  relativeSpread,
  spread,
} from "../../../scripts/bench/statistics.ts";

Deno.test("median() is the middle value, or the mean of the two middle ones", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
});

Deno.test("spread() gives median and extremes, unless a value is not known", () => {
  assertEquals(spread([5, 1, 3]), { median: 3, low: 1, high: 5 });
  assertEquals(relativeSpread({ median: 100, low: 97, high: 105 }), 0.04);
  assertEquals([spread([]), spread([1, undefined])], [undefined, undefined]);
});

Deno.test("medianRatio() is of neighbours, not of medians", () => {
  // The machine halves its speed for the second round of both.
  assertEquals(medianRatio([20, 10, 20], [10, 5, 10]), 2);
  assertEquals(medianRatio([undefined, 6], [1, 3]), 2, "without what is not known");
  assertEquals(medianRatio([], []), undefined);
  assertEquals(medianRatio([1], [0]), undefined, "nothing over nothing");
});

Deno.test("orderOf() reverses every other round", () => {
  assertEquals([0, 1, 2].map((round) => orderOf(["a", "b"], round)), [
    ["a", "b"],
    ["b", "a"],
    ["a", "b"],
  ]);
});

Deno.test("judge() compares per CPU second, and per second where that is not known", () => {
  const sample = (rate: number, cpuRate?: number): Sample => ({
    rate,
    cpuRate,
    generatorShare: undefined,
  });
  const goal = { entry: "a", over: "b", ratio: 0.9 };
  const ratioOf = (a: Sample[], b: Sample[]) => judge(goal, new Map([["a", a], ["b", b]])).ratio;
  assertEquals(ratioOf([sample(10, 30)], [sample(20, 10)]), 3);
  assertEquals(ratioOf([sample(10)], [sample(20)]), 0.5);
  assertEquals(judge(goal, new Map([["a", [sample(1, 1)]]])).ratio, undefined, "one is missing");
});

Deno.test("Latencies gives percentiles of what was recorded, in microseconds", () => {
  const latencies = new Latencies();
  assertEquals(latencies.percentiles(), undefined);
  for (let i = 1; i <= 10_000; i++) latencies.record(i / 100);
  const { p50, p90, p99, p999, max } = latencies.percentiles()!;
  const near = (value: number, wanted: number) => Math.abs(value - wanted) <= wanted / 1_000 + 1;
  assertEquals(
    [near(p50, 50_000), near(p90, 90_000), near(p99, 99_000), near(p999, 99_900)],
    [true, true, true, true],
  );
  assertEquals(near(max, 100_000), true);
});

Deno.test("Flights lands the oldest first and tells when it left", () => {
  const flights = new Flights();
  flights.depart(2, 10);
  flights.depart(3, 20);
  assertEquals([flights.land(1), flights.land(2), flights.land(2)], [10, 10, 20]);
  assertThrows(() => flights.land(1), RangeError, "none is in flight");
  flights.depart(1, 30);
  assertThrows(() => flights.land(2), RangeError, "1 are not in flight");
});

const STAT = "42 (a b) c) S 7 1 1 0 -1 0 0 0 0 0 11 12 13 14 20 0 1 0 5";

Deno.test("parseStat() reads parent and time, whatever the name has in it", () => {
  assertEquals(parseStat(STAT), { pid: 42, parent: 7, ticks: 50 });
  assertEquals([parseStat(""), parseStat("42 (a) S 7")], [undefined, undefined]);
});

Deno.test("descendants() are the process and all below it", () => {
  const all = [[1, 0], [2, 1], [3, 2], [4, 1], [5, 9], [6, 3]].map(([pid, parent]) => ({
    pid: pid!,
    parent: parent!,
    ticks: 1,
  }));
  assertEquals(descendants(all, 2).map(({ pid }) => pid), [2, 3, 6]);
  assertEquals(descendants(all, 8), []);
});
