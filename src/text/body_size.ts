/**
 * Sizes of messages on the wire.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Most bytes of UTF-8 that one UTF-16 unit of a text takes. */
const MAX_BYTES_PER_UNIT = 3;

/** Bytes of a body; of a text, those of its UTF-8. */
export function bodySize(body: string | Uint8Array): number {
  return typeof body === "string" ? encoder.encode(body).byteLength : body.byteLength;
}

/** At least as many bytes as the body has; costs nothing. */
export function bodySizeAtMost(body: string | Uint8Array): number {
  return typeof body === "string" ? body.length * MAX_BYTES_PER_UNIT : body.byteLength;
}

/** Whether a body has more bytes than the limit; most texts need no counting for that. */
export function isLonger(body: string | Uint8Array, limitBytes: number): boolean {
  if (bodySizeAtMost(body) <= limitBytes) return false;
  return body.length > limitBytes || bodySize(body) > limitBytes;
}
