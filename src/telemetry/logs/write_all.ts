/**
 * Writes bytes to standard output and the like, whose other end may be slow.
 *
 * @module
 */

/** Writes some of the bytes and says how many, as `Deno.stdout.write` does. */
export type WriteBytes = (bytes: Uint8Array) => Promise<number>;

/** How a write ended: `error` is undefined if all was taken. */
export interface WriteResult {
  /** Bytes that were taken. */
  readonly written: number;
  readonly error?: unknown;
}

/** Waits between attempts while the other end is full: doubles up to the second, in milliseconds. */
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

/** Whether an error says that the other end is closed, such as a `head` that has seen enough. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe;
}

/**
 * Calls until it does not say that the other end is not ready: a pipe or a
 * terminal can be set not to block by any process that shares it (EAGAIN).
 */
export async function whenReady<T>(attempt: () => Promise<T>): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS;; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** Writes all bytes, however long the other end takes. Never rejects. */
export async function writeAll(write: WriteBytes, bytes: Uint8Array): Promise<WriteResult> {
  let written = 0;
  try {
    while (written < bytes.length) {
      const count = await whenReady(() => write(bytes.subarray(written)));
      if (!(count > 0)) throw new Error("Cannot write: nothing was taken");
      written += count;
    }
    return { written };
  } catch (error) {
    return { written, error };
  }
}
