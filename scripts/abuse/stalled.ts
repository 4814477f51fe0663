/** Readers that stall, and come back whenever they were cut off. @module */

import { open } from "../bench/load.ts";

/** How often it is tried whether the connection still is, in milliseconds. */
const TRY_MS = 100;

/** A masked pong that answers nothing: a server takes it for a sign of life. */
export const IDLE_PONG: Uint8Array<ArrayBuffer> = new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]);

/**
 * Reads nothing of what comes, until the signal; cut off, it connects again.
 * Calls `onCut` each time.
 */
export async function stallOn(
  port: number,
  signal: AbortSignal,
  onCut: () => void,
): Promise<void> {
  while (!signal.aborted) {
    using connection = await open(port);
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, TRY_MS));
      // The end is behind what was not read, so it shows in writing alone.
      const isOpen = await connection.write(IDLE_PONG).then(() => true, () => false);
      if (!isOpen) {
        onCut();
        break;
      }
    }
  }
}
