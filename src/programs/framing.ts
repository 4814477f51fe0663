/**
 * Where one message of a program ends and the next begins, as values.
 *
 * Both readers keep no more than one unfinished line or message, which is bounded.
 *
 * @module
 */

import { ProgramOutputError } from "./errors.ts";

const NEWLINE = 0x0a;

/** Bytes of a length in front of a message: unsigned, big endian. */
export const LENGTH_BYTES = 4;

/** Copies of pieces that become one array once it is known where they end. */
class Pieces {
  #pieces: Uint8Array[] = [];
  bytes = 0;

  add(piece: Uint8Array): void {
    if (piece.byteLength === 0) return;
    this.#pieces.push(piece.slice());
    this.bytes += piece.byteLength;
  }

  take(): Uint8Array {
    const whole = concat(this.#pieces);
    this.#pieces = [];
    this.bytes = 0;
    return whole;
  }
}

/** All pieces as one; a single one is not copied. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}

/** Finds whole lines in what comes in chunks of any size. */
export class LineReader {
  readonly #rest = new Pieces();

  constructor(readonly maxBytes: number) {}

  /** Bytes of the line that has no end yet. */
  get bufferedBytes(): number {
    return this.#rest.bytes;
  }

  /**
   * All lines that are whole by now, as one piece that ends with a newline; `undefined` if
   * there is none. It may be a part of the chunk; nothing else of that is kept.
   *
   * @throws {ProgramOutputError} If one has more than `maxBytes`, its newline not counted.
   */
  push(chunk: Uint8Array): Uint8Array | undefined {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#keep(chunk);
      return undefined;
    }
    const block = this.#complete(chunk.subarray(0, end));
    if (block.byteLength > this.maxBytes) this.#assertLines(block);
    this.#keep(chunk.subarray(end));
    return block;
  }

  /** What had no newline when the output ended. */
  end(): Uint8Array {
    return this.#rest.take();
  }

  #complete(last: Uint8Array): Uint8Array {
    if (this.#rest.bytes === 0) return last;
    this.#rest.add(last);
    return this.#rest.take();
  }

  #keep(rest: Uint8Array): void {
    if (this.#rest.bytes + rest.byteLength > this.maxBytes) this.#refuse();
    this.#rest.add(rest);
  }

  #assertLines(block: Uint8Array): void {
    for (let start = 0; start < block.byteLength;) {
      const end = block.indexOf(NEWLINE, start);
      if (end - start > this.maxBytes) this.#refuse();
      start = end + 1;
    }
  }

  #refuse(): never {
    this.#rest.take();
    throw new ProgramOutputError("line", this.maxBytes);
  }
}

/** Finds whole messages, each after its length, in what comes in chunks of any size. */
export class LengthReader {
  readonly #rest = new Pieces();

  constructor(readonly maxBytes: number) {}

  /** Bytes of the message that has no end yet, with its length. */
  get bufferedBytes(): number {
    return this.#rest.bytes;
  }

  /**
   * All messages that are whole by now; nothing of the chunk is kept.
   *
   * @throws {ProgramOutputError} If a length is more than `maxBytes`; of the message itself
   * nothing is kept.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    this.#rest.add(chunk);
    if (this.#rest.bytes < this.#needed) return messages;
    const block = this.#rest.take();
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    let start = 0;
    this.#needed = LENGTH_BYTES;
    while (block.byteLength - start >= LENGTH_BYTES) {
      const length = view.getUint32(start);
      if (length > this.maxBytes) throw new ProgramOutputError("message", this.maxBytes);
      const end = start + LENGTH_BYTES + length;
      if (end > block.byteLength) {
        this.#needed = end - start;
        break;
      }
      messages.push(block.subarray(start + LENGTH_BYTES, end));
      start = end;
    }
    this.#rest.add(block.subarray(start));
    return messages;
  }

  /** Bytes without which there is nothing more to find; so each byte is looked at once. */
  #needed = LENGTH_BYTES;
}

/** A message with its length in front. */
export function withLength(body: Uint8Array): Uint8Array {
  const framed = new Uint8Array(LENGTH_BYTES + body.byteLength);
  new DataView(framed.buffer).setUint32(0, body.byteLength);
  framed.set(body, LENGTH_BYTES);
  return framed;
}
