/**
 * Masking of payloads (RFC 6455, section 5.3).
 *
 * @module
 */

/** From so many bytes on it pays to make a view of words. */
const WORDS_BYTES = 192;

/** The high bit of each byte of a word. */
const HIGH_BITS = 0x80808080;

/**
 * Unmasks bytes in place.
 *
 * `key` holds the masking key, its first byte in the lowest bits, and `phase` says
 * how many bytes of the payload came before these, modulo 4.
 *
 * @returns Whether all of them are ASCII, which costs nothing to find out here.
 */
export function unmask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  phase: number,
): boolean {
  if (end - start < WORDS_BYTES) return unmaskBytes(bytes, start, end, rotate(key, phase)) < 0x80;
  // A view of words begins at a multiple of four.
  const firstWord = start + (-(bytes.byteOffset + start) & 3);
  const words = (end - firstWord) >>> 2;
  const afterWords = firstWord + (words << 2);
  const wordKey = rotate(key, phase + firstWord - start);
  const seen = unmaskBytes(bytes, start, firstWord, rotate(key, phase)) |
    unmaskBytes(bytes, afterWords, end, wordKey);
  const view = new Int32Array(bytes.buffer, bytes.byteOffset + firstWord, words);
  return (unmaskWords(view, wordKey) & HIGH_BITS) === 0 && seen < 0x80;
}

/** The key as it is after so many bytes. */
function rotate(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

/** Returns the bits that any of the bytes has. */
function unmaskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  const [k0, k1, k2, k3] = [key & 255, (key >>> 8) & 255, (key >>> 16) & 255, key >>> 24];
  let seen = 0;
  let at = start;
  for (; at + 3 < end; at += 4) {
    seen |= (bytes[at]! ^= k0) | (bytes[at + 1]! ^= k1) |
      (bytes[at + 2]! ^= k2) | (bytes[at + 3]! ^= k3);
  }
  if (at < end) seen |= bytes[at]! ^= k0;
  if (at + 1 < end) seen |= bytes[at + 1]! ^= k1;
  if (at + 2 < end) seen |= bytes[at + 2]! ^= k2;
  return seen;
}

function unmaskWords(words: Int32Array, key: number): number {
  let seen = 0;
  for (let at = 0; at < words.length; at++) seen |= words[at]! ^= key;
  return seen;
}
