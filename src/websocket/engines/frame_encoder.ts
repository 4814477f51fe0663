/**
 * Frames of a server (RFC 6455, section 5.2).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { MessageType } from "../messages.ts";

/** Final fragment, no extension. */
const FIN = 0x80;

/** `Buffer` has it in Node and in Deno; their types do not. */
type Utf8Writer = Buffer & { utf8Write(text: string, offset: number, length: number): number };

/** The unmasked frame of a message. */
export function encodeFrame(type: MessageType, body: string | Uint8Array): Buffer {
  return typeof body === "string" ? encodeText(type, body) : encodeBytes(type, body);
}

/** Bytes of the body in an unmasked frame of that length. */
export function payloadLength(frameLength: number): number {
  if (frameLength < 2 + 126) return frameLength - 2;
  return frameLength < 4 + 65_536 ? frameLength - 4 : frameLength - 10;
}

function encodeText(type: MessageType, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = startFrame(type, length);
  (frame as Utf8Writer).utf8Write(text, frame.length - length, length);
  return frame;
}

function encodeBytes(type: MessageType, bytes: Uint8Array): Buffer {
  const frame = startFrame(type, bytes.length);
  frame.set(bytes, frame.length - bytes.length);
  return frame;
}

/** A frame with its header; the payload goes to its end. */
function startFrame(type: MessageType, length: number): Buffer {
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = FIN | type;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return frame;
}
