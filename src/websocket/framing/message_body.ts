/**
 * The body of a message that does not come in one piece.
 *
 * @module
 */

import { Assembly } from "./assembly.ts";
import { checkUtf8, COMPLETE, decodeAscii, decodeChecked, INVALID, toBuffer } from "./utf8.ts";

/** Puts the pieces of a body together; text is looked at as it comes. */
export class MessageBody {
  readonly #isText: boolean;
  readonly #pieces = new Assembly();
  #utf8 = COMPLETE;
  #isAscii = true;

  constructor(isText: boolean) {
    this.#isText = isText;
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#pieces.length;
  }

  /** Bytes that it has room for. */
  get capacity(): number {
    return this.#pieces.capacity;
  }

  /**
   * Adds a piece; `whole` is how long the body will be, or 0 while nobody knows.
   *
   * @returns Whether it can still become text, if it is to be one.
   */
  add(piece: Uint8Array, whole: number, isAscii: boolean): boolean {
    if (this.#isText && !(isAscii && this.#utf8 === COMPLETE)) {
      this.#isAscii = false;
      this.#utf8 = checkUtf8(piece, 0, piece.length, this.#utf8);
      if (this.#utf8 === INVALID) return false;
    }
    this.#pieces.add(piece, whole);
    return true;
  }

  /** The whole body; `undefined` if it ends inside of a character. */
  take(): string | Uint8Array | undefined {
    if (!this.#isText) return toOwn(this.#pieces.take());
    if (this.#utf8 !== COMPLETE) return undefined;
    const bytes = toBuffer(this.#pieces.take());
    const decode = this.#isAscii ? decodeAscii : decodeChecked;
    return decode(bytes, 0, bytes.length);
  }
}

/** Times its own length that a body may keep alive. */
const MOST_KEPT = 4;

/**
 * The bytes, or a copy of them where they are a small part of a larger buffer,
 * which a message that waits in a mailbox must not keep alive.
 */
export function toOwn(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  if (length * MOST_KEPT < buffer.byteLength) return new Uint8Array(bytes);
  return new Uint8Array(buffer, byteOffset, length);
}
