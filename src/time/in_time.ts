/**
 * Promises with a deadline.
 *
 * @module
 */

import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { PatientTimer } from "./patience.ts";

/** Stands for a promise that was not settled in time. */
export const LATE: unique symbol = Symbol("late");

/**
 * What the promise gives, or {@linkcode LATE}; what it does after that is ignored. Pauses of
 * the program itself do not count. The time is that of `clock`, by default the system's.
 */
export async function inTime<T>(
  promise: Promise<T>,
  timeoutMs: number,
  clock: Clock = SYSTEM_CLOCK,
): Promise<T | typeof LATE> {
  const late = Promise.withResolvers<typeof LATE>();
  using _timer = new PatientTimer(() => late.resolve(LATE), timeoutMs, clock);
  return await Promise.race([promise, late.promise]);
}
