/**
 * Keys whose process ends with a failure again and again.
 *
 * @module
 */

import type { RestartLimits } from "../supervisor/supervision.ts";

/** Remembers the failures of a period; the oldest are forgotten at constant cost. */
export class Crashes {
  readonly #limits: Pick<RestartLimits, "intensity" | "periodMs">;
  /** In the order of the latest failure. */
  readonly #times = new Map<string, readonly number[]>();

  constructor(limits: Pick<RestartLimits, "intensity" | "periodMs">) {
    this.#limits = limits;
  }

  /** How many keys have failed within the period, or not been looked at since. */
  get size(): number {
    return this.#times.size;
  }

  /** Takes note of a failure. */
  add(key: string, nowMs: number): void {
    const times = [...this.#recent(key, nowMs), nowMs];
    this.#times.delete(key);
    this.#times.set(key, times);
    for (const [oldest, [...its]] of this.#times) {
      if (nowMs - its.at(-1)! < this.#limits.periodMs) break;
      this.#times.delete(oldest);
    }
  }

  /** Whether it has failed within the period. */
  has(key: string, nowMs: number): boolean {
    return this.#recent(key, nowMs).length > 0;
  }

  /** Whether it failed more often within the period than may be. */
  isTooMany(key: string, nowMs: number): boolean {
    return this.#recent(key, nowMs).length > this.#limits.intensity;
  }

  #recent(key: string, nowMs: number): number[] {
    const times = this.#times.get(key) ?? [];
    return times.filter((timeMs) => nowMs - timeMs < this.#limits.periodMs);
  }
}
