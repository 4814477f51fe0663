/**
 * RFC 6455 frames as bytes, well-formed or not: the sender decides every bit.
 *
 * @module
 */

/** Opcodes of RFC 6455, section 5.2. */
export const OPCODE: {
  readonly continuation: 0;
  readonly text: 1;
  readonly binary: 2;
  readonly close: 8;
  readonly ping: 9;
  readonly pong: 10;
} = Object.freeze({ continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 });

/** What to put into a frame; only the opcode has no default. */
export interface FrameParts {
  /** Bits 4 to 7 of the first byte. */
  readonly opcode: number;
  /** Whether it is the last of its message. Default true. */
  readonly fin?: boolean;
  /** RSV1, RSV2 and RSV3 as the bits 4, 2 and 1. Default 0. */
  readonly rsv?: number;
  /** Masking key of 4 bytes; `false` leaves the frame unmasked. Default a fixed key. */
  readonly mask?: Uint8Array | false;
  /** Text goes out as UTF-8. Default empty. */
  readonly payload?: string | Uint8Array;
  /** Length to declare instead of the payload's own. */
  readonly length?: number | bigint;
  /** Form of the length in bits instead of the shortest. */
  readonly lengthForm?: 7 | 16 | 64;
}

/** A frame as it was read. */
export interface Frame {
  /** Whether it is the last of its message. */
  readonly fin: boolean;
  /** RSV1, RSV2 and RSV3 as the bits 4, 2 and 1. */
  readonly rsv: number;
  /** Bits 4 to 7 of the first byte. */
  readonly opcode: number;
  /** Whether its payload was masked. */
  readonly masked: boolean;
  /** Unmasked. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

const KEY = new Uint8Array([0x37, 0xfa, 0x21, 0x3d]);
const encoder = new TextEncoder();

/** Bytes of one frame. */
export function encodeFrame(parts: FrameParts): Uint8Array<ArrayBuffer> {
  const payload = bytesOf(parts.payload ?? "");
  const mask = parts.mask ?? KEY;
  const length = BigInt(parts.length ?? payload.length);
  const form = parts.lengthForm ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  const first = ((parts.fin ?? true) ? 0x80 : 0) | ((parts.rsv ?? 0) << 4) | parts.opcode;
  const head = [first, ...lengthBytes(length, form)];
  if (mask === false) return concat([new Uint8Array(head), payload]);
  head[1] = head[1]! | 0x80;
  return concat([new Uint8Array(head), mask, applyMask(payload, mask)]);
}

/** Bytes of several frames in one piece. */
export function encodeFrames(frames: readonly FrameParts[]): Uint8Array<ArrayBuffer> {
  return concat(frames.map(encodeFrame));
}

/** Body of a close frame; without a code it is empty. */
export function closeBody(
  code?: number,
  reason: string | Uint8Array = "",
): Uint8Array<ArrayBuffer> {
  if (code === undefined) return new Uint8Array();
  return concat([new Uint8Array([code >> 8, code & 0xff]), bytesOf(reason)]);
}

/** Code and reason of a close frame's body; 1005 when it has none. */
export function readCloseBody(payload: Uint8Array): { code: number; reason: string } {
  if (payload.length < 2) return { code: 1005, reason: "" };
  const code = (payload[0]! << 8) | payload[1]!;
  return { code, reason: new TextDecoder().decode(payload.subarray(2)) };
}

/** First frame in the bytes and how many it takes; `undefined` while it is incomplete. */
export function decodeFrame(bytes: Uint8Array): { frame: Frame; size: number } | undefined {
  const head = decodeHead(bytes);
  if (head === undefined || bytes.length < head.size + head.length) return undefined;
  const size = head.size + head.length;
  const body = bytes.slice(head.size, size);
  const [first, second] = [bytes[0]!, bytes[1]!];
  const masked = (second & 0x80) !== 0;
  const payload = masked ? applyMask(body, bytes.subarray(head.size - 4, head.size)) : body;
  const frame = {
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    masked,
    payload,
  };
  return { frame, size };
}

/** The bytes cut at the given offsets, for sending them in pieces. */
export function splitAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const edges = [0, ...offsets, bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index]!, end));
}

/** All in one piece. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

function applyMask(bytes: Uint8Array, key: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, (byte, index) => byte ^ key[index & 3]!);
}

function lengthBytes(length: bigint, form: 7 | 16 | 64): number[] {
  if (form === 7) return [Number(length)];
  const count = form / 8;
  const bytes = Array.from(
    { length: count },
    (_, index) => Number((length >> BigInt(8 * (count - 1 - index))) & 0xffn),
  );
  return [form === 16 ? 126 : 127, ...bytes];
}

function decodeHead(bytes: Uint8Array): { size: number; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const size = 2 + extra + ((bytes[1]! & 0x80) !== 0 ? 4 : 0);
  if (bytes.length < size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (extra === 0) return { size, length: short };
  return { size, length: extra === 2 ? view.getUint16(2) : Number(view.getBigUint64(2)) };
}
