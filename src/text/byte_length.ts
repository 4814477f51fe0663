/**
 * The length of messages in bytes.
 *
 * @module
 */

/** Texts up to this many UTF-16 units are looked through, longer ones are encoded. */
const SHORT = 512;
const NOT_ASCII = /[\u0080-\uffff]/;
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
  const isAscii = body.length <= SHORT && !NOT_ASCII.test(body);
  return lastBytes = isAscii ? body.length : encoder.encode(body).byteLength;
}
