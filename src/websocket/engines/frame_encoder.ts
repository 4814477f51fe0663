/**
 * Frames of a server (RFC 6455, section 5.2).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { CLOSE_CODES } from "../close_codes.ts";
import type { MessageType } from "../messages.ts";

/** Final fragment, no extension. */
const FIN = 0x80;

/** Compressed (RFC 7692, section 6). */
const RSV1 = 0x40;

/** Most bytes of UTF-8 that a unit of a text takes. */
const UNIT_BYTES = 3;

/** Texts of so few units are looked at one by one: for them a call of the encoder costs more. */
const FEW_UNITS = 40;

/** Longest header of a server, in bytes. */
const MOST_HEADER_BYTES = 10;

const encoder = new TextEncoder();

/** `Buffer` has it in Node and in Deno; their types do not. */
type Utf8Writer = Buffer & { utf8Write(text: string, offset: number, length: number): number };

/** The unmasked frame of a message. */
export function encodeFrame(
  type: MessageType,
  body: string | Uint8Array,
  isCompressed = false,
): Buffer {
  const first = FIN | type | (isCompressed ? RSV1 : 0);
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  const header = headerLength(length);
  const frame = Buffer.allocUnsafe(header + length);
  writeHeader(frame, 0, first, length);
  if (typeof body === "string") (frame as Utf8Writer).utf8Write(body, header, length);
  else frame.set(body, header);
  return frame;
}

/** Most bytes that the frame of a body takes. */
export function frameLengthAtMost(body: string | Uint8Array): number {
  return MOST_HEADER_BYTES + body.length * (typeof body === "string" ? UNIT_BYTES : 1);
}

/**
 * Writes a frame into a buffer with room for {@linkcode frameLengthAtMost} bytes.
 *
 * @returns Where it ends.
 */
export function encodeFrameInto(
  target: Buffer,
  at: number,
  type: MessageType,
  body: string | Uint8Array,
): number {
  // That of most texts; else what was written is moved.
  const header = headerLength(body.length);
  const start = at + header;
  if (typeof body !== "string") target.set(body, start);
  const length = typeof body === "string" ? writeText(target, start, body) : body.length;
  const actual = headerLength(length);
  if (actual !== header) target.copyWithin(at + actual, start, start + length);
  writeHeader(target, at, FIN | type, length);
  return at + actual + length;
}

/** Bytes of the body in an unmasked frame of that length. */
export function payloadLength(frameLength: number): number {
  if (frameLength < 2 + 126) return frameLength - 2;
  return frameLength < 4 + 65_536 ? frameLength - 4 : frameLength - 10;
}

/** Body of a close frame (RFC 6455, section 5.5.1). */
export function closeBody(code: number, reason: string): Uint8Array {
  if (code === CLOSE_CODES.noStatus.code) return new Uint8Array(0);
  const body = Buffer.allocUnsafe(2 + Buffer.byteLength(reason));
  body.writeUInt16BE(code);
  body.write(reason, 2);
  return body;
}

/** Writes a text as UTF-8; returns its bytes. */
function writeText(target: Buffer, start: number, text: string): number {
  if (text.length > FEW_UNITS) return encoder.encodeInto(text, target.subarray(start)).written;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return encoder.encodeInto(text, target.subarray(start)).written;
    target[start + index] = unit;
  }
  return text.length;
}

function headerLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

function writeHeader(frame: Buffer, at: number, first: number, length: number): void {
  frame[at] = first;
  if (length < 126) frame[at + 1] = length;
  else if (length < 65_536) {
    frame[at + 1] = 126;
    frame.writeUInt16BE(length, at + 2);
  } else {
    frame[at + 1] = 127;
    frame.writeBigUInt64BE(BigInt(length), at + 2);
  }
}
