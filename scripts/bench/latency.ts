/**
 * Latencies in a histogram, so that percentiles are of all that was measured.
 *
 * @module
 */

import { createHistogram } from "node:perf_hooks";

/** In microseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const MICROS_PER_MS = 1000;
/** Three figures: percentiles are exact to a thousandth. */
const HISTOGRAM = { lowest: 1, highest: 600_000_000, figures: 3 };

/** Takes latencies in milliseconds. */
export class Latencies {
  readonly #histogram = createHistogram(HISTOGRAM);

  record(ms: number): void {
    this.#histogram.record(
      Math.min(HISTOGRAM.highest, Math.max(1, Math.round(ms * MICROS_PER_MS))),
    );
  }

  /** `undefined` when nothing was recorded. */
  percentiles(): Percentiles | undefined {
    if (this.#histogram.count === 0) return undefined;
    const [p50, p90, p99, p999] = [50, 90, 99, 99.9].map((at) => this.#histogram.percentile(at));
    return { p50: p50!, p90: p90!, p99: p99!, p999: p999!, max: this.#histogram.max };
  }
}

/** Remembers when messages left on a connection that answers in order. */
export class Flights {
  readonly #departures: { atMs: number; count: number }[] = [];

  depart(count: number, atMs: number): void {
    this.#departures.push({ atMs, count });
  }

  /** Lands the oldest ones; returns when the first of them left. */
  land(count: number): number {
    const firstMs = this.#departures[0]?.atMs;
    if (firstMs === undefined) throw new RangeError("Cannot land a message: none is in flight");
    for (let left = count; left > 0;) {
      const first = this.#departures[0];
      if (!first) throw new RangeError(`Cannot land ${count} messages: ${left} are not in flight`);
      const landed = Math.min(left, first.count);
      first.count -= landed;
      left -= landed;
      if (first.count === 0) this.#departures.shift();
    }
    return firstMs;
  }
}
