/**
 * The length of messages in bytes.
 *
 * @module
 */

/** Texts up to this many UTF-16 units are counted here, longer ones by the encoder. */
const SHORT = 64;
const encoder = new TextEncoder();

let lastText = "";
let lastBytes = 0;

/**
 * Bytes of a message on the wire: of a text its length in UTF-8.
 *
 * The last text is remembered: one that goes to a thousand clients, or back to
 * its sender, is counted once.
 */
export function byteLength(body: string | Uint8Array): number {
  if (typeof body !== "string") return body.byteLength;
  if (body === lastText) return lastBytes;
  lastText = body;
  return lastBytes = body.length <= SHORT ? countBytes(body) : encoder.encode(body).byteLength;
}

function countBytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes, a lone one is replaced: three bytes.
    bytes += unit < 0x800 || isPaired(text, index) ? 1 : 2;
  }
  return bytes;
}

function isPaired(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit >= 0xd800 && unit < 0xdc00) return isLow(text.charCodeAt(index + 1));
  return isLow(unit) && index > 0 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
