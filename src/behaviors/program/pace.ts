/**
 * The pace of a program that serves one connection: that of its client.
 *
 * @module
 */

import type { Process } from "../../actor/mod.ts";

/** Bytes that a connection may have to write while its program is read on. */
const MOST_QUEUED_BYTES = 65_536;

/** Delays between two looks at a connection, in milliseconds: the first, and the longest. */
const FIRST_LOOK_MS = 5;
const LONGEST_LOOK_MS = 100;

/**
 * Waits until a connection has written most of what it was sent, or is gone. Meanwhile the
 * pipe of the program fills, so the program waits too, and the client is not too slow.
 */
export async function pace(self: Process, connection: string): Promise<void> {
  for (let delayMs = FIRST_LOOK_MS;; delayMs = Math.min(2 * delayMs, LONGEST_LOOK_MS)) {
    let queued: string | number | undefined;
    try {
      queued = (await self.inspect(connection)).sendQueueBytes;
    } catch {
      // It has ended: nobody has to be waited for.
      return;
    }
    if (typeof queued !== "number" || queued <= MOST_QUEUED_BYTES) return;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
