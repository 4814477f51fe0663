/**
 * The frames of a client, read out of what its socket hands over.
 *
 * @module
 */

import { MAX_HEADER_BYTES, readHeader, type Violation } from "./header.ts";
import { takePayload } from "./payload.ts";
import type { Arrived, ReaderState } from "./reader_state.ts";
import { toBuffer } from "./utf8.ts";

/** What a chunk brought. */
export interface Step {
  /** In order; a close frame is the last. */
  readonly arrived: readonly Arrived[];
  /** What came after all of them; then there is nothing more to read. */
  readonly violation: Violation | undefined;
}

/** Bits of an opcode; those of data come before those of control frames. */
const LAST_DATA_OPCODE = 2;

/** A header that is not whole. */
const UNFINISHED = -1;

const NOTHING: Step = Object.freeze({ arrived: Object.freeze([]), violation: undefined });

/**
 * Reads the next chunk, however frames are split into chunks.
 *
 * Each limit is looked at before anything is set aside for a payload, and text at
 * each byte that comes. What waits for more takes at most twice the bytes that came,
 * and any sequence of chunks takes time in proportion to its bytes.
 */
export function step(state: ReaderState, chunk: Uint8Array): Step {
  if (state.isDone) return NOTHING;
  const bytes = toBuffer(chunk);
  const arrived: Arrived[] = [];
  let at = 0;
  while (!state.isDone) {
    if (state.left < 0) {
      const size = nextHeader(state, bytes, at);
      if (typeof size !== "number") return violated(state, arrived, size);
      if (size === UNFINISHED) break;
      at += size;
    }
    const end = Math.min(bytes.length, at + state.left);
    if (end === at && state.left > 0) break;
    const violation = takePayload(state, bytes, at, end, arrived);
    if (violation !== undefined) return violated(state, arrived, violation);
    if (state.left >= 0) break;
    at = end;
  }
  return { arrived, violation: undefined };
}

function violated(state: ReaderState, arrived: Arrived[], violation: Violation): Step {
  state.isDone = true;
  state.body = state.pieces = state.start = undefined;
  return { arrived, violation };
}

/** Reads a header and begins its frame; returns its bytes in this chunk. */
function nextHeader(state: ReaderState, bytes: Uint8Array, at: number): number | Violation {
  const { limits, start } = state;
  if (start !== undefined) return continueHeader(state, start, bytes);
  const size = readHeader(state, bytes, at, bytes.length, state, limits);
  if (typeof size !== "number") return size;
  if (size === 0) {
    if (at < bytes.length) state.start = new Uint8Array(bytes.subarray(at));
    return UNFINISHED;
  }
  beginFrame(state);
  return size;
}

function continueHeader(
  state: ReaderState,
  start: Uint8Array,
  bytes: Uint8Array,
): number | Violation {
  const joined = new Uint8Array(Math.min(MAX_HEADER_BYTES, start.length + bytes.length));
  joined.set(start);
  joined.set(bytes.subarray(0, joined.length - start.length), start.length);
  const size = readHeader(state, joined, 0, joined.length, state, state.limits);
  if (typeof size !== "number") return size;
  state.start = size === 0 ? joined : undefined;
  if (size === 0) return UNFINISHED;
  beginFrame(state);
  return size - start.length;
}

function beginFrame(state: ReaderState): void {
  state.left = state.length;
  if (state.opcode > LAST_DATA_OPCODE) return;
  if (state.opcode !== 0) {
    state.type = state.opcode;
    state.isCompressed = state.rsv1;
  }
  state.announced += state.length;
  state.fragments++;
  if (state.length === 0) state.emptyFragments++;
}
