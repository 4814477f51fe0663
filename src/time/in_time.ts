/**
 * Promises with a deadline.
 *
 * @module
 */

/** Stands for a promise that was not settled in time. */
export const LATE: unique symbol = Symbol("late");

/** What the promise gives, or {@linkcode LATE}; what it does after that is ignored. */
export async function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T | typeof LATE> {
  const late = Promise.withResolvers<typeof LATE>();
  const timer = setTimeout(() => late.resolve(LATE), timeoutMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
