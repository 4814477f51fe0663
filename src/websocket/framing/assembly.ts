/**
 * A payload that comes in pieces.
 *
 * @module
 */

/** Least room that is made, in bytes. */
const LEAST_BYTES = 64;

const NOTHING = new Uint8Array(0);

/**
 * Puts pieces together in one buffer, of at most twice the bytes that have come:
 * what is only announced takes no memory, and small pieces take no more than their
 * bytes, however many there are.
 */
export class Assembly {
  #bytes: Uint8Array = NOTHING;
  #length = 0;

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that it has room for. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Adds a piece; `whole` is how long all of it will be, or 0 while nobody knows. */
  add(piece: Uint8Array, whole: number): void {
    const needed = this.#length + piece.length;
    if (needed > this.#bytes.length) this.#grow(needed, whole);
    this.#bytes.set(piece, this.#length);
    this.#length = needed;
  }

  /** What has come, in a buffer that may have room for more; nothing is left. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = NOTHING;
    this.#length = 0;
    return bytes;
  }

  #grow(needed: number, whole: number): void {
    const doubled = Math.max(2 * needed, LEAST_BYTES);
    const grown = new Uint8Array(whole >= needed ? Math.min(doubled, whole) : doubled);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
