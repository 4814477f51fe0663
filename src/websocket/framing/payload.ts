/**
 * Payloads, and what they make of the frames that they belong to.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { CLOSE_CODES, isSendableCloseCode } from "../close_codes.ts";
import { MESSAGE_TYPE, type MessageType } from "../messages.ts";
import { Assembly } from "./assembly.ts";
import { BROKEN, type Violation } from "./header.ts";
import { MessageBody, toOwn } from "./message_body.ts";
import type { Arrived, ReaderState } from "./reader_state.ts";
import { decodeAscii, decodeUtf8, toBuffer } from "./utf8.ts";
import { unmask } from "./unmask.ts";

/** Bytes of a close code. */
const CODE_BYTES = 2;

/**
 * Takes the bytes that have come of the payload under way, and adds to `arrived`
 * what is whole with them; then `left` is -1.
 */
export function takePayload(
  state: ReaderState,
  bytes: Buffer,
  start: number,
  end: number,
  arrived: Arrived[],
): Violation | undefined {
  const taken = state.length - state.left;
  const isAscii = unmask(bytes, start, end, state.key, taken);
  state.left -= end - start;
  if (state.opcode > MESSAGE_TYPE.binary || state.isCompressed) {
    return takeApart(state, bytes.subarray(start, end), arrived);
  }
  if (taken === 0 && state.left === 0 && state.isFinal && state.body === undefined) {
    return takeWhole(state, bytes, start, end, isAscii, arrived);
  }
  return takePiece(state, bytes.subarray(start, end), isAscii, arrived);
}

/** A message of one frame in one chunk. */
function takeWhole(
  state: ReaderState,
  bytes: Buffer,
  start: number,
  end: number,
  isAscii: boolean,
  arrived: Arrived[],
): Violation | undefined {
  const type = state.type as MessageType;
  let body: string | Uint8Array | undefined;
  if (type === MESSAGE_TYPE.binary) body = toOwn(bytes.subarray(start, end));
  else if (isAscii) body = decodeAscii(bytes, start, end);
  else body = decodeUtf8(bytes, start, end);
  if (body === undefined) return BROKEN.notUtf8;
  arrived.push({ type, body, bytes: end - start });
  endMessage(state);
  return undefined;
}

/** A piece of a message. */
function takePiece(
  state: ReaderState,
  piece: Uint8Array,
  isAscii: boolean,
  arrived: Arrived[],
): Violation | undefined {
  const type = state.type as MessageType;
  const { isFinal } = state;
  const message = state.body ??= new MessageBody(type === MESSAGE_TYPE.text);
  if (!message.add(piece, isFinal ? state.announced : 0, isAscii)) return BROKEN.notUtf8;
  if (state.left > 0) return undefined;
  state.left = -1;
  if (!isFinal) return undefined;
  const body = message.take();
  if (body === undefined) return BROKEN.notUtf8;
  arrived.push({ type, body, bytes: state.announced });
  endMessage(state);
  return undefined;
}

/** A piece of a frame that stands for itself: a control frame, or a compressed fragment. */
function takeApart(
  state: ReaderState,
  piece: Uint8Array,
  arrived: Arrived[],
): Violation | undefined {
  let payload = piece;
  if (piece.length < state.length) {
    const pieces = state.pieces ??= new Assembly();
    pieces.add(piece, state.length);
    if (state.left > 0) return undefined;
    payload = pieces.take();
    state.pieces = undefined;
  }
  state.left = -1;
  if (state.opcode > MESSAGE_TYPE.binary) return takeControl(state, payload, arrived);
  const isText = state.type === MESSAGE_TYPE.text;
  arrived.push({ type: "deflated", isText, payload, isFinal: state.isFinal });
  if (state.isFinal) endMessage(state);
  return undefined;
}

function takeControl(
  state: ReaderState,
  payload: Uint8Array,
  arrived: Arrived[],
): Violation | undefined {
  const type = state.opcode as MessageType;
  if (type !== MESSAGE_TYPE.close) {
    arrived.push({ type, body: new Uint8Array(payload), bytes: payload.length });
    return undefined;
  }
  state.isDone = true;
  if (payload.length === 0) {
    arrived.push({ type, code: CLOSE_CODES.noStatus.code, reason: "" });
    return undefined;
  }
  const code = payload[0]! << 8 | payload[1]!;
  if (!isSendableCloseCode(code)) return BROKEN.closeCode;
  const reason = decodeUtf8(toBuffer(payload), CODE_BYTES, payload.length);
  if (reason === undefined) return BROKEN.notUtf8;
  arrived.push({ type, code, reason });
  return undefined;
}

function endMessage(state: ReaderState): void {
  state.left = -1;
  state.type =
    state.announced =
    state.fragments =
    state.emptyFragments =
      0;
  state.isCompressed = false;
  state.body = undefined;
}
