/**
 * Headers of the frames that a client sends (RFC 6455, section 5.2).
 *
 * @module
 */

import { CLOSE_CODES } from "../close_codes.ts";

/** Opcodes that the types of messages do not have. */
const CONTINUATION = 0;
const CLOSE = 8;
const PONG = 10;

/** Longest payload of a control frame, in bytes (RFC 6455, section 5.5). */
export const MAX_CONTROL_BYTES = 125;

/** Longest header, in bytes. */
export const MAX_HEADER_BYTES = 14;

/** Fragments of one message that are always allowed; of empty ones no more than these are. */
const FREE_FRAGMENTS = 4_096;

/** A fragment more is allowed for each so many bytes that a message may have. */
const FRAGMENT_BYTES = 16;

/** The rule that a peer has broken. */
export interface Violation {
  /** Close code for it. */
  readonly code: number;
  /** The rule. */
  readonly reason: string;
}

/** What is allowed. */
export interface FrameLimits {
  /** Longest message, in bytes. */
  readonly maxMessageBytes: number;
  /** Whether permessage-deflate was negotiated (RFC 7692). */
  readonly compression: boolean;
}

/** A header that was read, in one object for all of a connection. */
export class FrameHeader {
  /** Whether its frame is the last one of the message. */
  isFinal = false;
  /** Whether it begins a message that is compressed. */
  rsv1 = false;
  opcode = 0;
  /** Bytes of payload. */
  length = 0;
  /** The masking key, its first byte in the lowest bits. */
  key = 0;
}

/** What the frames before say about the next one. */
export interface MessageUnderWay {
  /** Type of the message that its next fragment continues, 0 if there is none. */
  readonly type: number;
  /** Bytes of its fragments so far, as they are on the wire. */
  readonly announced: number;
  readonly fragments: number;
  readonly emptyFragments: number;
}

/** Most fragments of a message; memory does not depend on their number, only time does. */
export function mostFragments(maxMessageBytes: number): number {
  return Math.max(FREE_FRAGMENTS, Math.ceil(maxMessageBytes / FRAGMENT_BYTES));
}

/**
 * Reads a header into `header`.
 *
 * @returns Its size in bytes; 0 if more bytes are needed; or what is wrong with it,
 * as soon as the bytes that say so are there.
 */
export function readHeader(
  header: FrameHeader,
  bytes: Uint8Array,
  at: number,
  end: number,
  under: MessageUnderWay,
  limits: FrameLimits,
): number | Violation {
  if (end - at < 2) return 0;
  const [first, second] = [bytes[at]!, bytes[at + 1]!];
  const wrong = checkStart(first, second, under.type, limits.compression);
  if (wrong !== undefined) return wrong;
  const short = second & 127;
  const size = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (end - at < size) return 0;
  const length = short < 126 ? short : readLength(bytes, at + 2, size - 2);
  if ((first & 8) === 0) {
    const tooMuch = checkLimits(length, under, limits.maxMessageBytes);
    if (tooMuch !== undefined) return tooMuch;
  }
  if (end - at < size + 4) return 0;
  const mask = at + size;
  header.isFinal = first > 127;
  header.rsv1 = (first & 0x40) !== 0;
  header.opcode = first & 15;
  header.length = length;
  header.key = bytes[mask]! | bytes[mask + 1]! << 8 | bytes[mask + 2]! << 16 |
    bytes[mask + 3]! << 24;
  return size + 4;
}

/** Section 5.2: what the first two bytes must not say. */
function checkStart(
  first: number,
  second: number,
  typeUnderWay: number,
  compression: boolean,
): Violation | undefined {
  const opcode = first & 15;
  if ((first & 0x30) !== 0) return BROKEN.reserved;
  // Only the first fragment of a message says that it is compressed (RFC 7692, section 6).
  const mayCompress = compression && opcode !== CONTINUATION && opcode < CLOSE;
  if ((first & 0x40) !== 0 && !mayCompress) return BROKEN.compressed;
  if (opcode > PONG || (opcode > 2 && opcode < CLOSE)) return BROKEN.opcode;
  if (opcode >= CLOSE) {
    if (first < 128) return BROKEN.fragmentedControl;
    if ((second & 127) > MAX_CONTROL_BYTES) return BROKEN.longControl;
    if (opcode === CLOSE && (second & 127) === 1) return BROKEN.closeBody;
  } else if ((opcode === CONTINUATION) !== (typeUnderWay !== 0)) {
    return opcode === CONTINUATION ? BROKEN.continuation : BROKEN.nested;
  }
  return second < 128 ? BROKEN.unmasked : undefined;
}

function checkLimits(
  length: number,
  { announced, fragments, emptyFragments }: MessageUnderWay,
  maxMessageBytes: number,
): Violation | undefined {
  if (announced + length > maxMessageBytes) return BROKEN.tooBig;
  if (fragments >= mostFragments(maxMessageBytes)) return BROKEN.fragments;
  return length === 0 && emptyFragments >= FREE_FRAGMENTS ? BROKEN.fragments : undefined;
}

/** A number that is too large to be exact is too large for every limit as well. */
function readLength(bytes: Uint8Array, at: number, count: number): number {
  let length = 0;
  for (let index = 0; index < count; index++) length = length * 256 + bytes[at + index]!;
  return length;
}

function broken({ code }: { readonly code: number }, reason: string): Violation {
  return Object.freeze({ code, reason });
}

/** The rules. */
export const BROKEN = Object.freeze({
  reserved: broken(CLOSE_CODES.protocolError, "RSV2 or RSV3 is set"),
  compressed: broken(CLOSE_CODES.protocolError, "RSV1 is set where nothing is compressed"),
  opcode: broken(CLOSE_CODES.protocolError, "a reserved opcode"),
  fragmentedControl: broken(CLOSE_CODES.protocolError, "a control frame in fragments"),
  longControl: broken(CLOSE_CODES.protocolError, "a control frame longer than 125 bytes"),
  closeBody: broken(CLOSE_CODES.protocolError, "a close frame with half a code"),
  closeCode: broken(CLOSE_CODES.protocolError, "a close code that may not be sent"),
  continuation: broken(CLOSE_CODES.protocolError, "a continuation of nothing"),
  nested: broken(CLOSE_CODES.protocolError, "a message inside a message"),
  unmasked: broken(CLOSE_CODES.protocolError, "a frame without a mask"),
  notUtf8: broken(CLOSE_CODES.invalidPayload, "text that is not UTF-8"),
  corrupt: broken(CLOSE_CODES.invalidPayload, "compressed data that cannot be inflated"),
  tooBig: broken(CLOSE_CODES.messageTooBig, "a message that is too long"),
  fragments: broken(CLOSE_CODES.policyViolation, "a message in too many fragments"),
});
