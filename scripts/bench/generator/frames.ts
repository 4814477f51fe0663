/**
 * Frames as a client sends them (RFC 6455, section 5.2).
 *
 * @module
 */

/** Opcodes that the generator uses. */
export const OPCODES = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** Bytes on the wire. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What a frame may be besides whole, plain text. */
export interface FrameOptions {
  /** @default {1} text */
  readonly opcode?: number;
  /** The payload is compressed (RFC 7692: RSV1). @default {false} */
  readonly isCompressed?: boolean;
}

/** One key for all: servers unmask whatever it is, and a frame is made once. */
const MASKING_KEY = [0x37, 0xfa, 0x21, 0x3d];

/** Payload lengths from which the header has 2 or 8 bytes for them. */
const MEDIUM = 126;
const LARGE = 65_536;

/** A final, masked frame. */
export function clientFrame(
  payload: Uint8Array,
  { opcode = OPCODES.text, isCompressed = false }: FrameOptions = {},
): Bytes {
  const header = [0x80 | (isCompressed ? 0x40 : 0) | opcode, ...lengthBytes(payload.length)];
  header[1]! |= 0x80;
  const frame = new Uint8Array(header.length + 4 + payload.length);
  frame.set(header);
  frame.set(MASKING_KEY, header.length);
  for (let i = 0; i < payload.length; i++) {
    frame[header.length + 4 + i] = payload[i]! ^ MASKING_KEY[i & 3]!;
  }
  return frame;
}

/** A masked text frame. */
export function textFrame(text: string): Bytes {
  return clientFrame(new TextEncoder().encode(text));
}

/** Frames to send, over and over, as many at once as are asked for. */
export class FrameSource {
  readonly #frames: readonly Bytes[];
  readonly #batch: Bytes;
  #next: number;

  /** Begins with the frame at `start`, modulo their number; of one frame `atOnce` are kept ready. */
  constructor(frames: readonly Bytes[], atOnce: number, start = 0) {
    if (frames.length === 0) throw new RangeError("Cannot send: there is no frame");
    this.#frames = frames;
    this.#next = start;
    const [only] = frames;
    this.#batch = frames.length === 1 ? concat(new Array(atOnce).fill(only)) : new Uint8Array();
  }

  /** Bytes of the longest frame. */
  get frameBytes(): number {
    return Math.max(...this.#frames.map(({ length }) => length));
  }

  take(count: number): Bytes {
    const whole = count * this.#frames[0]!.length;
    if (whole <= this.#batch.length) return this.#batch.subarray(0, whole);
    const taken = Array.from(
      { length: count },
      () => this.#frames[this.#next++ % this.#frames.length]!,
    );
    return taken.length === 1 ? taken[0]! : concat(taken);
  }
}

function concat(parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function lengthBytes(length: number): number[] {
  if (length < MEDIUM) return [length];
  const bytes = (count: number) =>
    Array.from({ length: count }, (_, i) => Math.floor(length / 256 ** (count - 1 - i)) & 0xff);
  return length < LARGE ? [126, ...bytes(2)] : [127, ...bytes(8)];
}
