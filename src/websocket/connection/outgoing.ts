/**
 * The check of what processes send to a connection.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { bodySize, showValue } from "../../text/mod.ts";
import { assertCloseFrame, CLOSE_CODES } from "../close_codes.ts";
import { MESSAGE_TYPE, type MessageType, type OutgoingMessage } from "../messages.ts";

const TYPES = new Set<unknown>(Object.values(MESSAGE_TYPE));
const EXPECTED =
  'expected { kind: "message", body } with a string or Uint8Array, or { kind: "message", type: 8 }';

/** The parts of a close message, with their defaults. */
export function closeFrameOf(
  { code, reason }: { readonly code?: number; readonly reason?: string },
): { code: number; reason: string } {
  return { code: code ?? CLOSE_CODES.normal.code, reason: reason ?? "" };
}

/** Messages that were checked when they were made. */
const checkedMessages = new WeakSet<object>();

/** Notes that a message needs no other check; it must be frozen. */
export function markChecked(message: OutgoingMessage): void {
  checkedMessages.add(message);
}

/** The last `sendAll` whose message was checked. */
let lastRound: object | undefined;

/**
 * Checks a message to a connection, unless that was done when it was made or, for another
 * receiver, in this round of `sendAll`; the sender gets the error. A plain one may have been
 * changed since it was last sent, and is checked again.
 *
 * @throws {TypeError} If it has another shape, or is a text of bytes that are not UTF-8.
 * @throws {RangeError} If a close code may not be sent, a reason is too long, or a
 * ping or pong has more than 125 bytes.
 */
export function assertOutgoing(
  message: unknown,
  round?: object,
): asserts message is OutgoingMessage {
  if (round !== undefined && round === lastRound) return;
  if (!checkedMessages.has(message as object)) assertShape(message);
  lastRound = round;
}

function assertShape(message: unknown): asserts message is OutgoingMessage {
  const { kind, type, body, code, reason } = (message ?? {}) as Record<string, unknown>;
  if (kind !== "message" || (type !== undefined && !TYPES.has(type))) throw refusal(message);
  if (type === MESSAGE_TYPE.close) {
    if (code !== undefined && typeof code !== "number") throw refusal(message);
    if (reason !== undefined && typeof reason !== "string") throw refusal(message);
    const frame = closeFrameOf({ code, reason });
    assertCloseFrame(frame.code, frame.reason);
  } else if (typeof body !== "string" && !(body instanceof Uint8Array)) throw refusal(message);
  else if (isControl(type as MessageType)) assertControlBody(body);
  else if (type === MESSAGE_TYPE.text && typeof body !== "string") assertText(body);
}

/** Type of a message to send: if it names none, text, or binary for bytes that are no text. */
export function typeOf(type: MessageType | undefined, body: string | Uint8Array): MessageType {
  if (type !== undefined) return type;
  return typeof body === "string" || isUtf8(body) ? MESSAGE_TYPE.text : MESSAGE_TYPE.binary;
}

function isControl(type: MessageType | undefined): boolean {
  return type === MESSAGE_TYPE.ping || type === MESSAGE_TYPE.pong;
}

function assertControlBody(body: string | Uint8Array): void {
  const bytes = bodySize(body);
  if (bytes <= 125) return;
  throw new RangeError(`Cannot send a control frame: got ${bytes} bytes, expected at most 125`);
}

function assertText(body: Uint8Array): void {
  if (isUtf8(body)) return;
  throw new TypeError(
    `Cannot send a text message: got ${body.byteLength} bytes that are not UTF-8, ` +
      "expected UTF-8 or type 2",
  );
}

function refusal(message: unknown): TypeError {
  return new TypeError(`Cannot send to a connection: ${EXPECTED}, got ${showValue(message)}`);
}
