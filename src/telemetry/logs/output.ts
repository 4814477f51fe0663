/**
 * Writes lines to something that may stall, fail or be closed.
 *
 * Never throws, never blocks the event loop, and never holds more than its
 * bound. Lines keep their order; a line that does not fit or cannot be written
 * is dropped and counted, and the next line that gets through is preceded by
 * one that tells how many are missing.
 *
 * @module
 */

import { writeAll, type WriteBytes } from "./write_all.ts";

/** Options of {@linkcode createLineOutput}. */
export interface LineOutputOptions {
  /** Where lines go. */
  readonly write: WriteBytes;
  /** Characters that may wait to be written. Default 1 048 576. */
  readonly maxWaitingChars?: number;
  /** Makes the line that tells of dropped ones. */
  readonly lossLine: (count: number) => string;
}

/** Defaults of {@linkcode LineOutputOptions}. */
export const OUTPUT_DEFAULTS: Readonly<{ maxWaitingChars: number }> = Object.freeze({
  maxWaitingChars: 1_048_576,
});

const NEWLINE = 0x0a;

/** What {@linkcode createLineOutput} returns. */
export interface LineOutput {
  /** Takes a line, with its newline. */
  push(line: string): void;
  /** Resolves when all is written, or after `timeoutMs`, with whether it was. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Lines dropped so far. */
  readonly dropped: number;
}

/** Makes an output of lines. */
export function createLineOutput(options: LineOutputOptions): LineOutput {
  const { write, lossLine, maxWaitingChars = OUTPUT_DEFAULTS.maxWaitingChars } = options;
  const encoder = new TextEncoder();
  let waiting: string[] = [];
  let waitingChars = 0;
  let dropped = 0;
  let announced = 0;
  let isTorn = false;
  let pumping: Promise<void> | undefined;

  async function pump(): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting;
      const chars = waitingChars;
      const missing = dropped - announced;
      waiting = [];
      const lost = missing > 0 ? lossLine(missing) : "";
      const bytes = encoder.encode(`${isTorn ? "\n" : ""}${lost}${lines.join("")}`);
      const { written, error } = await writeAll(write, bytes);
      if (error === undefined) {
        announced += missing;
        isTorn = false;
      } else {
        // Stdout is closed, full, or gone: serving matters more than logging.
        dropped += lines.length;
        if (written > 0) isTorn = bytes[written - 1] !== NEWLINE;
      }
      // Characters in flight count as waiting, so a stalled reader is bounded.
      waitingChars -= chars;
    }
    pumping = undefined;
  }

  return {
    push(line) {
      if (waitingChars + line.length > maxWaitingChars) {
        dropped++;
        return;
      }
      waiting.push(line);
      waitingChars += line.length;
      // A turn later, so that one write takes all lines of this turn.
      pumping ??= Promise.resolve().then(pump);
    },
    async flush(timeoutMs) {
      const done = pumping?.then(() => true);
      if (done === undefined) return true;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      return await Promise.race([done, late]).finally(() => clearTimeout(timer));
    },
    get dropped() {
      return dropped;
    },
  };
}
