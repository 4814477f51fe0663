/** What a number of measured times comes to. @module */

/** Times in milliseconds. */
export interface Times {
  readonly count: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Median and 99th percentile; zero if there are no times. */
export function summarize(timesMs: readonly number[]): Times {
  const sorted = Float64Array.from(timesMs).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, sorted.length * share | 0)] ?? 0;
  return { count: sorted.length, medianMs: at(0.5), p99Ms: at(0.99) };
}
