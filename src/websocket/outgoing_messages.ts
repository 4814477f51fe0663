/**
 * Messages to connections, made by functions that check them once.
 *
 * @module
 */

import { showValue } from "../text/mod.ts";
import { CLOSE_CODES } from "./close_codes.ts";
import { assertOutgoing, markChecked } from "./connection/outgoing.ts";
import { MESSAGE_TYPE, type OutgoingMessage } from "./messages.ts";

/** Checks a message and notes that it was: whoever it is sent to need not check it again. */
function checked(message: OutgoingMessage): OutgoingMessage {
  assertOutgoing(message);
  markChecked(message);
  return Object.freeze(message);
}

function unlessWrong(what: string, isRight: boolean, value: unknown, expected: string): void {
  if (isRight) return;
  throw new TypeError(`Cannot make a ${what}: got ${showValue(value)}, expected ${expected}`);
}

/**
 * A text message.
 *
 * @throws {TypeError} If it is no string.
 *
 * @example
 * ```ts
 * import { isDataMessage, type Process, text } from "@troupe/troupe";
 *
 * export async function greeter(self: Process): Promise<void> {
 *   for await (const { message } of self) {
 *     if (isDataMessage(message)) self.send(message.id, text(`hello ${message.body}`));
 *   }
 * }
 * ```
 */
export function text(body: string): OutgoingMessage {
  unlessWrong("text message", typeof body === "string", body, "a string");
  return checked({ kind: "message", type: MESSAGE_TYPE.text, body });
}

/**
 * A binary message. The bytes are not copied: never change them after sending.
 *
 * @throws {TypeError} If they are no `Uint8Array`.
 */
export function bytes(body: Uint8Array): OutgoingMessage {
  unlessWrong("binary message", body instanceof Uint8Array, body, "a Uint8Array");
  return checked({ kind: "message", type: MESSAGE_TYPE.binary, body });
}

/**
 * A text message of a value as JSON has it.
 *
 * @throws {TypeError} If JSON cannot express it: a function, a bigint, a cycle.
 */
export function json(value: unknown): OutgoingMessage {
  const body = JSON.stringify(value) as string | undefined;
  unlessWrong("JSON message", body !== undefined, value, "a value that JSON can express");
  return checked({ kind: "message", type: MESSAGE_TYPE.text, body: body! });
}

/**
 * A ping, on engine `ws`.
 *
 * @throws {RangeError} If the body has more than 125 bytes.
 */
export function ping(body: string | Uint8Array = ""): OutgoingMessage {
  return checked({ kind: "message", type: MESSAGE_TYPE.ping, body });
}

/**
 * A pong that answers no ping (RFC 6455, section 5.5.3), on engine `ws`.
 *
 * @throws {RangeError} If the body has more than 125 bytes.
 */
export function pong(body: string | Uint8Array = ""): OutgoingMessage {
  return checked({ kind: "message", type: MESSAGE_TYPE.pong, body });
}

/**
 * The start of the closing handshake.
 *
 * @throws {RangeError} If the code may not be sent, or the reason has more than 123 bytes.
 */
export function close(code: number = CLOSE_CODES.normal.code, reason = ""): OutgoingMessage {
  return checked({ kind: "message", type: MESSAGE_TYPE.close, code, reason });
}
