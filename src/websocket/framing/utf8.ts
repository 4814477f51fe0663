/**
 * UTF-8 that comes in pieces (RFC 3629; RFC 6455, section 8.1).
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Nothing can make the text valid any more. */
export const INVALID = -1;

/** Between two characters. */
export const COMPLETE = 0;

/** `Buffer` has these in Node and in Deno; their types do not. */
type Slices = Buffer & {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
};

/** From so many bytes on the system's decoder is faster than a look at each of them here. */
const SYSTEM_BYTES = 256;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Looks at the next bytes of a text.
 *
 * A state is what the current character still lacks: the number of bytes, and the
 * least and most that the next of them may be, eight bits each. What is invalid is
 * so at the first byte that cannot stand where it is.
 *
 * @returns The state after them, {@linkcode COMPLETE} or {@linkcode INVALID} among others.
 */
export function checkUtf8(
  bytes: Uint8Array,
  start: number,
  end: number,
  before: number = COMPLETE,
): number {
  let state = before;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (state === COMPLETE) {
      if (byte < 0x80) continue;
      state = startOf(byte);
      if (state === INVALID) return INVALID;
    } else {
      if (byte < ((state >>> 8) & 255) || byte > (state & 255)) return INVALID;
      const left = (state >>> 16) - 1;
      state = left === 0 ? COMPLETE : (left << 16) | ANY;
    }
  }
  return state;
}

/** Least and most of a byte that continues. */
const ANY = 0x80bf;

/** What follows a first byte: no overlong form, no surrogate, nothing beyond U+10FFFF. */
function startOf(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return INVALID;
  if (byte < 0xe0) return 0x1_0000 | ANY;
  if (byte < 0xf0) {
    if (byte === 0xe0) return 0x2_a0bf;
    return byte === 0xed ? 0x2_809f : 0x2_0000 | ANY;
  }
  if (byte === 0xf0) return 0x3_90bf;
  return byte === 0xf4 ? 0x3_808f : 0x3_0000 | ANY;
}

/** The text of bytes that are ASCII. */
export function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  return (bytes as Slices).latin1Slice(start, end);
}

/** The text of bytes that were checked; a byte order mark stays. */
export function decodeChecked(bytes: Uint8Array, start: number, end: number): string {
  return (bytes as Slices).utf8Slice(start, end);
}

/** The text of bytes, `undefined` if they are no whole text of UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start < SYSTEM_BYTES) {
    return checkUtf8(bytes, start, end) === COMPLETE ? decodeChecked(bytes, start, end) : undefined;
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    // It says in no other way that they are not UTF-8.
    return undefined;
  }
}

/** The bytes as something that these functions decode. */
export function toBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
