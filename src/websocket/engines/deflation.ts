/**
 * Compression of messages (RFC 7692, section 7.2.1), without context takeover.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import { bodySize } from "../../text/mod.ts";
import type { MessageType } from "../messages.ts";
import { encodeFrame } from "./frame_encoder.ts";
import { holdForTurn } from "./turn_writer.ts";

/** Bodies up to so many bytes are deflated at once: a thread would cost more than they do. */
const AT_ONCE_BYTES = 65_536;

/** What every block ends with, and a payload leaves out. */
const TAIL_BYTES = 4;

/** Output is collected in parts of so many bytes; more than most need would be filled with zeros. */
const PART_BYTES = 4_096;

/** A message as a frame, or its frame once it is there. */
export type DeflatedFrame = Buffer | Promise<Buffer>;

let lastType: MessageType | undefined;
let lastBody: string | Uint8Array | undefined;
let lastBits = 0;
let lastFrame: DeflatedFrame | undefined;
let measuredBody: string | Uint8Array | undefined;
let measuredBytes = 0;

/** Bytes of a body; of one that goes to many in a turn they are counted once. */
export function measureBody(body: string | Uint8Array): number {
  if (body === measuredBody) return measuredBytes;
  keepForTurn();
  measuredBody = body;
  return measuredBytes = bodySize(body);
}

/**
 * The compressed frame of a message. No message refers to the one before, so a frame
 * serves all who have negotiated the same window: one that goes to many is deflated
 * once in a turn.
 */
export function deflateFrame(
  type: MessageType,
  body: string | Uint8Array,
  windowBits: number,
): DeflatedFrame {
  if (
    lastFrame !== undefined && type === lastType && body === lastBody && windowBits === lastBits
  ) {
    return lastFrame;
  }
  keepForTurn();
  [lastType, lastBody, lastBits] = [type, body, windowBits];
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return lastFrame = bytes.length <= AT_ONCE_BYTES
    ? toFrame(type, deflateNow(bytes, windowBits))
    : deflateLater(bytes, windowBits).then((payload) => toFrame(type, payload));
}

/** In the next turn a body may have been changed. */
function keepForTurn(): void {
  if (lastFrame === undefined && measuredBody === undefined) holdForTurn({ flush: forget });
}

function forget(): void {
  lastFrame =
    lastBody =
    lastType =
    measuredBody =
      undefined;
}

function deflateNow(bytes: Uint8Array, windowBits: number): Uint8Array {
  const finishFlush = constants.Z_SYNC_FLUSH;
  return deflateRawSync(bytes, { windowBits, finishFlush, chunkSize: PART_BYTES });
}

function deflateLater(bytes: Uint8Array, windowBits: number): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const parts: Buffer[] = [];
  const stream = createDeflateRaw({ windowBits });
  stream.on("data", (part: Buffer) => void parts.push(part)).on("error", reject);
  stream.write(bytes);
  stream.flush(constants.Z_SYNC_FLUSH, () => {
    stream.close();
    resolve(Buffer.concat(parts));
  });
  return promise;
}

function toFrame(type: MessageType, deflated: Uint8Array): Buffer {
  return encodeFrame(type, deflated.subarray(0, deflated.length - TAIL_BYTES), true);
}
