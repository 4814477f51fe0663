/**
 * Counts messages in what a server sends, without looking at more than it must.
 *
 * @module
 */

/** Head of a frame that has come whole. */
export interface FrameHead {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly isCompressed: boolean;
  /** Payload, in bytes. */
  readonly length: number;
}

/** What a frame is to who counts; `lines` means: see which of its lines are messages. */
export type FrameKind = "message" | "ping" | "lines" | "other";

/** Says what a frame is, by its head alone. */
export type Classify = (head: FrameHead) => FrameKind;

/** Third byte of a line `{"push":…` (Centrifugo's JSON protocol); of a ping, `{}`, there is none. */
const PUSH = 0x70;
const PUSH_OFFSET = 2;
const LINE_FEED = 0x0a;
const MAX_HEAD_BYTES = 10;

/** Server frames are unmasked: 2, 4 or 10 bytes of head. */
function headBytes(second: number): number {
  const length = second & 0x7f;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
}

/** Reads a head of `headBytes()` bytes. */
export function readHead(bytes: Uint8Array, at: number): FrameHead {
  const first = bytes[at]!;
  let length = bytes[at + 1]! & 0x7f;
  if (length >= 126) {
    const count = length === 126 ? 2 : 8;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + bytes[at + 2 + i]!;
  }
  return {
    opcode: first & 0x0f,
    isFinal: (first & 0x80) !== 0,
    isCompressed: (first & 0x40) !== 0,
    length,
  };
}

/** Takes a server's bytes in any split. */
export class FrameScanner {
  /** Pings that came and that nobody took note of yet. */
  pings = 0;

  readonly #classify: Classify;
  readonly #head = new Uint8Array(MAX_HEAD_BYTES);
  #headCount = 0;
  #left = 0;
  #kind: FrameKind = "other";
  #lineOffset = 0;
  /** First two bytes of the frame before. */
  #start = -1;

  constructor(classify: Classify) {
    this.#classify = classify;
  }

  /** Takes `chunk` up to `end`; returns how many messages ended in it. */
  scan(chunk: Uint8Array, end: number): number {
    let messages = 0;
    let at = 0;
    while (at < end) {
      if (this.#left === 0) {
        at = this.#scanHead(chunk, at, end);
        if (this.#left > 0) continue;
        if (this.#headCount > 0) break;
      } else {
        const to = Math.min(end, at + this.#left);
        if (this.#kind === "lines") messages += this.#countPushes(chunk, at, to);
        this.#left -= to - at;
        at = to;
        if (this.#left > 0) break;
      }
      if (this.#kind === "message") messages++;
      else if (this.#kind === "ping") this.pings++;
    }
    return messages;
  }

  /** Takes what there is of a head; when it is whole, the frame begins. */
  #scanHead(chunk: Uint8Array, at: number, end: number): number {
    if (this.#headCount === 0 && end - at >= MAX_HEAD_BYTES) {
      this.#begin(chunk, at);
      return at + headBytes(chunk[at + 1]!);
    }
    while (at < end) {
      this.#head[this.#headCount++] = chunk[at++]!;
      if (this.#headCount >= 2 && this.#headCount === headBytes(this.#head[1]!)) {
        this.#headCount = 0;
        this.#begin(this.#head, 0);
        break;
      }
    }
    return at;
  }

  #begin(bytes: Uint8Array, at: number): void {
    this.#lineOffset = 0;
    const start = bytes[at]! << 8 | bytes[at + 1]!;
    // Most are like the one before, and short ones then are so wholly.
    if (start === this.#start && (start & 0x7f) < 126) {
      this.#left = start & 0x7f;
      return;
    }
    this.#start = start;
    const head = readHead(bytes, at);
    this.#kind = this.#classify(head);
    this.#left = head.length;
  }

  #countPushes(chunk: Uint8Array, from: number, to: number): number {
    let pushes = 0;
    let at = from;
    while (at < to) {
      const wanted = at + PUSH_OFFSET - this.#lineOffset;
      if (this.#lineOffset <= PUSH_OFFSET && wanted < to && chunk[wanted] === PUSH) pushes++;
      const feed = chunk.indexOf(LINE_FEED, at);
      if (feed === -1 || feed >= to) {
        this.#lineOffset += to - at;
        break;
      }
      this.#lineOffset = 0;
      at = feed + 1;
    }
    return pushes;
  }
}
