/**
 * How failed attempts slow an address down, as values.
 *
 * @module
 */

/** What is remembered of an address: its failures, which fade, and when that was counted. */
export interface Attempts {
  readonly failures: number;
  readonly atMs: number;
}

/** How attempts are slowed. */
export const ATTEMPTS = Object.freeze({
  /** Failures without any delay. */
  free: 5,
  /** The delay after the first one beyond; it doubles with each further one. */
  firstDelayMs: 100,
  mostDelayMs: 5_000,
  /** Time in which half of the failures fade. */
  halfLifeMs: 60_000,
  /** Answers of one address that may wait at a time. */
  mostWaiting: 16,
  /** Addresses that are remembered. */
  mostAddresses: 10_000,
});

/** The failures that still count. */
export function fadedFailures({ failures, atMs }: Attempts, nowMs: number): number {
  return failures * 2 ** (-Math.max(0, nowMs - atMs) / ATTEMPTS.halfLifeMs);
}

/** Counts a failure and says how long its answer is to wait, in milliseconds. */
export function stepFailure(
  before: Attempts | undefined,
  nowMs: number,
): { readonly attempts: Attempts; readonly delayMs: number } {
  const failures = (before === undefined ? 0 : fadedFailures(before, nowMs)) + 1;
  const beyond = Math.floor(failures) - ATTEMPTS.free;
  const delayMs = beyond < 1
    ? 0
    : Math.min(ATTEMPTS.firstDelayMs * 2 ** (beyond - 1), ATTEMPTS.mostDelayMs);
  return { attempts: { failures, atMs: nowMs }, delayMs };
}
