import { formatDuration, formatSize, parseDuration, parseSize } from "../../src/text/units.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("parseDuration() takes numbers and every unit", () => {
  const values = [0, 250, "250ms", "15s", "2m", "1h", "1.5s", "0s"];
  const expected = [0, 250, 250, 15_000, 120_000, 3_600_000, 1500, 0];
  assertEquals(values.map(parseDuration), expected);
});

Deno.test("parseDuration() refuses what is no duration", () => {
  const bad = [
    -1,
    1.5,
    NaN,
    Infinity,
    "",
    "s",
    "15",
    "15 s",
    "-1s",
    "0.5ms",
    "25d",
    "600h",
    null,
    [],
    {},
  ];
  assertEquals(bad.map(parseDuration), bad.map(() => undefined));
});

Deno.test("parseSize() takes numbers and every unit, and nothing else", () => {
  assertEquals([512, "512B", "64KiB", "1.5MiB", "1GiB"].map(parseSize), [
    512,
    512,
    65_536,
    1_572_864,
    1_073_741_824,
  ]);
  const bad = [-1, "64", "64KB", "64kib", "0.3KiB", "9999999999GiB", true, undefined];
  assertEquals(bad.map(parseSize), bad.map(() => undefined));
});

Deno.test("formatDuration() and formatSize() give back what parses to the same", () => {
  assertEquals([0, 250, 15_000, 120_000, 61_000].map(formatDuration), [
    "0s",
    "250ms",
    "15s",
    "2m",
    "61s",
  ]);
  assertEquals([1, 4096, 65_536, 1_048_576].map(formatSize), ["1B", "4KiB", "64KiB", "1MiB"]);
  for (const amount of [1, 999, 60_001, 54_000]) {
    assertEquals(parseDuration(formatDuration(amount)), amount);
    assertEquals(parseSize(formatSize(amount)), amount);
  }
});
