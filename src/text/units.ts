/**
 * Durations and sizes as people write them.
 *
 * @module
 */

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const SIZE = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/;
const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Patterns of durations and sizes as text, for the JSON Schema. */
export const UNIT_PATTERNS: Readonly<{ duration: RegExp; size: RegExp }> = Object.freeze({
  duration: DURATION,
  size: SIZE,
});

// The longest delay that a JavaScript timer can wait.
const MAX_DURATION_MS = 2 ** 31 - 1;

function parseUnits(
  value: unknown,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
  largest: number,
): number | undefined {
  let amount: number | undefined;
  if (typeof value === "number") amount = value;
  const match = typeof value === "string" ? pattern.exec(value) : null;
  if (match !== null) amount = Number(match[1]) * (units[match[2] ?? ""] ?? NaN);
  if (amount === undefined || !Number.isInteger(amount)) return undefined;
  return amount >= 0 && amount <= largest ? amount : undefined;
}

/**
 * Milliseconds of a duration: a number, or text such as `"250ms"`, `"15s"`,
 * `"2m"`, `"1h"`. `undefined` if it has another form, is negative, is no whole number
 * of milliseconds, or is longer than a timer can wait (24.8 days).
 */
export function parseDuration(value: unknown): number | undefined {
  return parseUnits(value, DURATION, DURATION_UNITS, MAX_DURATION_MS);
}

/**
 * Bytes of a size: a number, or text such as `"512B"`, `"64KiB"`, `"1MiB"`.
 * `undefined` if it has another form, is negative, or is no whole number of bytes.
 */
export function parseSize(value: unknown): number | undefined {
  return parseUnits(value, SIZE, SIZE_UNITS, Number.MAX_SAFE_INTEGER);
}

function formatUnits(amount: number, units: Readonly<Record<string, number>>): string {
  const fitting = Object.entries(units).filter(([, factor]) => amount % factor === 0);
  const [unit, factor] = (amount === 0 ? fitting.at(0) : fitting.at(-1)) ?? ["", 1];
  return `${amount / factor}${unit}`;
}

/** Text of a duration in the largest unit that keeps it whole: 120 000 → `"2m"`. */
export function formatDuration(durationMs: number): string {
  return durationMs === 0 ? "0s" : formatUnits(durationMs, DURATION_UNITS);
}

/** Text of a size in the largest unit that keeps it whole: 65 536 → `"64KiB"`. */
export function formatSize(bytes: number): string {
  return formatUnits(bytes, SIZE_UNITS);
}
