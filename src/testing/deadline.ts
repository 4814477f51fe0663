/**
 * Promises that fail instead of hanging.
 *
 * @module
 */

/** What the promise gives, or an error that says what did not happen in time. */
export async function inDeadline<T>(
  what: string,
  promise: Promise<T>,
  timeoutMs = 20_000,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Cannot go on: ${what} did not happen within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
