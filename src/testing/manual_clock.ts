/**
 * A clock that stands still until a test moves it.
 *
 * @module
 */

import type { Clock, Timer } from "../time/mod.ts";

interface Waiting {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Lets every actor do what it can do without the clock: microtasks have run out. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Lets everybody, peers over loopback too, go on until something is so. */
export async function settleUntil(what: string, isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (isSo()) return;
    await settle();
  }
  throw new Error(`Cannot settle: ${what} did not come`);
}

/** Starts at 0. Timers fire in `advance` only. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #counter = 0;
  /** In the order in which they were set. */
  readonly #timers = new Map<number, Waiting>();

  now(): number {
    return this.#nowMs;
  }

  /** Timers that have been set and have neither fired nor been cleared. */
  get pending(): number {
    return this.#timers.size;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    this.#timers.set(++this.#counter, { dueMs: this.#nowMs + delayMs, callback });
    return this.#counter as unknown as Timer;
  }

  clearTimeout(timer: Timer): void {
    this.#timers.delete(timer as unknown as number);
  }

  /**
   * Moves on by `ms`: fires what falls due, in order, each at its own time, and
   * lets the actors settle before the first, after each, and so at the end.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [timer, { dueMs, callback }] = next;
      if (dueMs > endMs) break;
      this.#timers.delete(timer);
      this.#nowMs = dueMs;
      callback();
      await settle();
    }
    this.#nowMs = endMs;
  }

  #next(): [number, Waiting] | undefined {
    let first: [number, Waiting] | undefined;
    for (const entry of this.#timers) {
      if (first === undefined || entry[1].dueMs < first[1].dueMs) first = entry;
    }
    return first;
  }
}

/** A clock whose timers fire late: after a pause of the program. */
export class LateClock extends ManualClock {
  #pausedMs = 0;

  /** Milliseconds, with those of the pauses. */
  override now(): number {
    return super.now() + this.#pausedMs;
  }

  /** Nothing happens for so long, not even timers. */
  pause(ms: number): void {
    this.#pausedMs += ms;
  }
}
