/**
 * Payloads of compressed messages (RFC 7692, section 7.2).
 *
 * @module
 */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat } from "../../src/testing/frames.ts";

/** What `Z_SYNC_FLUSH` ends with and a payload leaves out. */
const TAIL = new Uint8Array([0, 0, 0xff, 0xff]);

/** Compresses a message without a window from before (section 7.2.1). */
export function deflate(
  message: string | Uint8Array,
  windowBits = 15,
  level = 6,
): Uint8Array<ArrayBuffer> {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, windowBits, level };
  const whole = new Uint8Array(deflateRawSync(message, options));
  return whole.slice(0, -TAIL.length);
}

/** Restores a message that needs no window from before (section 7.2.2). */
export function inflate(payload: Uint8Array, windowBits = 15): Uint8Array<ArrayBuffer> {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, windowBits };
  return new Uint8Array(inflateRawSync(concat([payload, TAIL]), options));
}
