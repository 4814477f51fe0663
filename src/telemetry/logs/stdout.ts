/**
 * Standard output, told apart from the buffer of the runtime before it.
 *
 * The runtime writes through a buffer of lines of 1024 bytes: what ends a line
 * goes on at once, the rest when the buffer is emptied, which each write does
 * last. If the other end does not block and is full, an error does not say how
 * much of a write was taken. So each write is such that it can be known.
 *
 * @module
 */

import { whenReady, type WriteBytes } from "./write_all.ts";

const NEWLINE = 0x0a;
const EMPTY = new Uint8Array();

/** What the runtime's buffer holds; text without a line end that is as long goes around it. */
const BUFFER_BYTES = 1024;

/** What a pipe takes as a whole or not at all (PIPE_BUF, `man 7 pipe`). */
const PIPE_BYTES = Deno.build.os === "linux" ? 4096 : 512;

/** The first bytes of a text that can be written so that the outcome is known. */
export interface Piece {
  readonly length: number;
  /** All of it is in the buffer then, whatever the error. */
  readonly isBuffered: boolean;
}

/** The next piece; `wholeBytes` of the other end are taken together or not at all. */
export function nextPiece(bytes: Uint8Array, wholeBytes: number): Piece {
  const lines = bytes.subarray(0, wholeBytes).lastIndexOf(NEWLINE) + 1;
  if (lines > 0) return { length: lines, isBuffered: false };
  const next = bytes.indexOf(NEWLINE);
  const length = next === -1 ? bytes.length : Math.max(next, 1);
  return { length, isBuffered: length < BUFFER_BYTES };
}

/** Makes a write that fails with `WouldBlock` only if nothing was taken. */
export function createExactWrite(write: WriteBytes, wholeBytes: number = PIPE_BYTES): WriteBytes {
  return async (bytes) => {
    const { length, isBuffered } = nextPiece(bytes, wholeBytes);
    try {
      return await write(bytes.subarray(0, length));
    } catch (error) {
      if (!isBuffered || !(error instanceof Deno.errors.WouldBlock)) throw error;
    }
    // Nothing more is given, what is in the buffer goes on.
    await whenReady(() => write(EMPTY));
    return length;
  };
}

/** Writes to standard output. A terminal promises for one byte only that it is taken whole. */
export const writeStdout: WriteBytes = (bytes) => exactWrite()(bytes);

let made: WriteBytes | undefined;

function exactWrite(): WriteBytes {
  const write = (bytes: Uint8Array) => Deno.stdout.write(bytes);
  return made ??= createExactWrite(write, Deno.stdout.isTerminal() ? 1 : PIPE_BYTES);
}
