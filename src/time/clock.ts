/**
 * The system's clock and timers.
 *
 * @module
 */

/** What a clock names a timer by. */
export type Timer = ReturnType<typeof setTimeout>;

/** Time source and timers of a node; replaced by a manual one in tests. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls back once, after `delayMs` milliseconds at the earliest. */
  setTimeout(callback: () => void, delayMs: number): Timer;
  /** Takes a timer back, unless it has fired. */
  clearTimeout(timer: Timer): void;
}

/** Longest delay a timer takes, in milliseconds: 2^31 - 1, about 24.8 days. */
export const MAX_DELAY_MS = 2_147_483_647;

/** The clock of the machine; no timer fires before its time, fractions included. */
export const SYSTEM_CLOCK: Clock = Object.freeze({
  now: () => performance.now(),
  // A timer of the machine leaves fractions of a millisecond out.
  setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, Math.ceil(delayMs)),
  clearTimeout: (timer: Timer) => clearTimeout(timer),
});

/**
 * Checks a delay.
 *
 * @throws {RangeError} If it is no number of milliseconds that a timer takes.
 */
export function assertDelay(what: string, delayMs: number): void {
  if (delayMs >= 0 && delayMs <= MAX_DELAY_MS) return;
  throw new RangeError(
    `Cannot ${what}: got ${delayMs} ms, expected a number from 0 to ${MAX_DELAY_MS}`,
  );
}
