/**
 * The wire format of events (seed 003): `PREFIX EVENT ";" TYPE ";" DATA`.
 *
 * @module
 */

import { parseJsonData } from "../text/mod.ts";
import { MESSAGE_TYPE, type OutgoingMessage } from "../websocket/mod.ts";
import { EventMessageError, type EventMessageErrorCode } from "./errors.ts";

/** Types of an event's data, as the digit on the wire. */
export const DATA_TYPE: Readonly<
  { string: 0; number: 1; boolean: 2; bytes: 3; json: 4 }
> = Object.freeze({ string: 0, number: 1, boolean: 2, bytes: 3, json: 4 } as const);

/**
 * Events with which a client learns whether the network is alive: to the first
 * one, the server answers the second one. No listener gets them.
 */
export const HEARTBEAT_EVENTS: Readonly<{ ping: string; pong: string }> = Object.freeze({
  ping: "troupe:ping",
  pong: "troupe:pong",
});

/** How one connection's events look on the wire. */
export interface WireFormat {
  /** Start of every event message; ends in `:`, has no `;` (seed 003: EvtMessagePrefix). */
  readonly eventPrefix: string;
  /** Send all messages as binary ones (seed 003: BinaryMessages). */
  readonly binaryMessages: boolean;
}

/** An event as it arrived. */
export interface EventMessage {
  /** Its name. */
  readonly event: string;
  /**
   * A string, a number, a boolean, bytes, or what the JSON says. A number that is
   * not written as a finite decimal one, such as `" 42"` or `"0x10"`, is a string.
   */
  readonly data: unknown;
  /** DATA as it stood on the wire; bytes that are no UTF-8 with U+FFFD in it. */
  readonly text: string;
}

/** A message to a connection, as `send` takes it. */
export type EncodedMessage = Extract<OutgoingMessage, { body: unknown }>;

/** What is emitted, before it gets the form of a connection: so it crosses between nodes. */
export interface Emission {
  /** Of an event: `EVENT;TYPE;`. */
  readonly head?: string;
  /** Its data, or a native message. */
  readonly body: string | Uint8Array;
}

const encoder = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const SEMICOLON = ";".charCodeAt(0);
const SHOWN_CHARACTERS = 60;

/**
 * Checks a prefix.
 *
 * @throws {TypeError} If it does not end in `:` or has a `;`.
 */
export function assertEventPrefix(prefix: unknown): asserts prefix is string {
  if (typeof prefix === "string" && /^[^;]*:$/.test(prefix)) return;
  throw new TypeError(
    `Cannot use the event prefix ${show(prefix)}: expected a text without ";" that ends in ":"`,
  );
}

/**
 * Checks the name of an event.
 *
 * @throws {TypeError} If it is empty or has a `;`.
 */
export function assertEventName(event: unknown): asserts event is string {
  if (typeof event === "string" && event !== "" && !event.includes(";")) return;
  throw new TypeError(
    `Cannot use the event name ${show(event)}: expected a text without ";" that is not empty`,
  );
}

/**
 * Encodes an event, for all formats. No data is an empty string, an `ArrayBuffer` and views of
 * one are bytes, `null` and other objects are JSON.
 *
 * @throws {TypeError} If the name cannot be that of an event, or the data cannot be put on the wire.
 */
export function encodeEvent(event: string, data?: unknown): Emission {
  assertEventName(event);
  const bytes = bytesOf(data);
  if (bytes !== undefined) return { head: `${event};${DATA_TYPE.bytes};`, body: bytes };
  const [type, body] = encodeData(event, data);
  return { head: `${event};${type};`, body };
}

/** Translates between events and messages of one wire format. */
export class EventCodec {
  readonly #format: WireFormat;
  readonly #prefixBytes: Uint8Array;
  readonly #ping: string;
  /** The answer to a heartbeat. */
  readonly pong: EncodedMessage;

  /**
   * Makes one of a format.
   *
   * @throws {TypeError} If the prefix is no text.
   */
  constructor(format: WireFormat) {
    assertEventPrefix(format.eventPrefix);
    this.#format = format;
    this.#prefixBytes = encoder.encode(format.eventPrefix);
    this.#ping = `${format.eventPrefix}${HEARTBEAT_EVENTS.ping};${DATA_TYPE.string};`;
    this.pong = this.encode(HEARTBEAT_EVENTS.pong);
  }

  /**
   * The message of an event. No data is an empty string, an `ArrayBuffer` and
   * views of one are bytes, `null` and other objects are JSON. It is text, unless
   * the format says binary or the data are bytes that are no UTF-8.
   *
   * @throws {TypeError} If the name cannot be that of an event, or the data cannot be put on the wire.
   */
  encode(event: string, data?: unknown): EncodedMessage {
    return this.form(encodeEvent(event, data));
  }

  /** The message of what is emitted. */
  form({ head, body }: Emission): EncodedMessage {
    if (head === undefined) return this.native(body);
    const start = this.#format.eventPrefix + head;
    if (typeof body === "string") return this.native(start + body);
    return this.native(concat(encoder.encode(start), body));
  }

  /** Whether a message is a heartbeat of the client. */
  isPing(body: string | Uint8Array): boolean {
    if (typeof body === "string") return body === this.#ping;
    // Bytes of a longer message are not decoded for that.
    return body.length <= this.#ping.length * 3 && lenientUtf8.decode(body) === this.#ping;
  }

  /** The message of a text or of bytes that are no event; bytes as they are now. */
  native(body: string | Uint8Array): EncodedMessage {
    const { text, binary } = MESSAGE_TYPE;
    if (this.#format.binaryMessages) {
      const bytes = typeof body === "string" ? encoder.encode(body) : body.slice();
      return { kind: "message", type: binary, body: bytes };
    }
    const decoded = typeof body === "string" ? body : decodeUtf8(body);
    if (decoded === undefined) return { kind: "message", type: binary, body: body.slice() };
    return { kind: "message", type: text, body: decoded };
  }

  /**
   * Reads a message; `undefined` if it does not start with the prefix, which
   * makes it a native one. Text and binary messages are read alike.
   *
   * @throws {EventMessageError} If it starts with the prefix and is no event.
   */
  decode(body: string | Uint8Array): EventMessage | undefined {
    if (typeof body === "string") {
      const { eventPrefix } = this.#format;
      return body.startsWith(eventPrefix) ? decodeText(body, eventPrefix.length) : undefined;
    }
    if (!this.#prefixBytes.every((byte, index) => body[index] === byte)) return undefined;
    return decodeBytes(body, this.#prefixBytes.length);
  }
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (!ArrayBuffer.isView(data)) return undefined;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function encodeData(event: string, data: unknown): [type: number, text: string] {
  switch (typeof data) {
    case "undefined":
      return [DATA_TYPE.string, ""];
    case "string":
      return [DATA_TYPE.string, data];
    case "number":
      if (Number.isFinite(data)) return [DATA_TYPE.number, String(data)];
      throw unencodable(event, String(data));
    case "boolean":
      return [DATA_TYPE.boolean, String(data)];
  }
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch (cause) {
    throw unencodable(event, String(cause), cause);
  }
  if (json === undefined) throw unencodable(event, `a ${typeof data}`);
  return [DATA_TYPE.json, json];
}

function unencodable(event: string, got: string, cause?: unknown): TypeError {
  return new TypeError(
    `Cannot emit ${show(event)}: expected a string, a finite number, a boolean, bytes or JSON, ` +
      `got ${got}`,
    { cause },
  );
}

function decodeText(body: string, start: number): EventMessage {
  const end = body.indexOf(";", start);
  if (end <= start) throw refusal("invalid_message", body, "expected PREFIX EVENT;TYPE;DATA");
  const event = body.slice(start, end);
  const digit = body.charAt(end + 1);
  if (digit !== "" && !/^[0-4]$/.test(digit)) {
    throw refusal("invalid_type", body, `expected the type 0 to 4 after ${show(event)}`);
  }
  if (body.charAt(end + 2) !== ";") {
    throw refusal("invalid_message", body, "expected PREFIX EVENT;TYPE;DATA");
  }
  const text = body.slice(end + 3);
  return { event, data: decodeData(Number(digit), text, body), text };
}

function decodeData(type: number, text: string, body: string): unknown {
  switch (type) {
    case DATA_TYPE.number:
      return decodeNumber(text, body);
    case DATA_TYPE.boolean:
      if (text === "true" || text === "false") return text === "true";
      throw refusal("invalid_message", body, 'expected "true" or "false"');
    case DATA_TYPE.bytes:
      return encoder.encode(text);
    case DATA_TYPE.json:
      try {
        return parseJsonData(text);
      } catch (cause) {
        throw refusal("invalid_message", body, `expected JSON: ${(cause as Error).message}`, cause);
      }
  }
  return text;
}

function decodeNumber(text: string, body: string): number | boolean | string {
  // The original client takes `true` for a number: it sends `1;true`.
  if (text === "true") return true;
  const value = NUMBER.test(text) ? Number(text) : NaN;
  if (Number.isFinite(value)) return value;
  // It also takes texts such as " 42" and "0x10" for numbers, which were typed as texts.
  if (text !== "" && !Number.isNaN(Number(text))) return text;
  throw refusal("invalid_message", body, "expected a number");
}

function decodeBytes(body: Uint8Array, start: number): EventMessage {
  const end = body.indexOf(SEMICOLON, start);
  const isBytes = end > start && body[end + 1] === 0x30 + DATA_TYPE.bytes &&
    body[end + 2] === SEMICOLON;
  const text = decodeUtf8(isBytes ? body.subarray(0, end + 3) : body);
  if (text === undefined) {
    throw refusal("invalid_message", lenientUtf8.decode(body), "expected UTF-8");
  }
  // Counted in characters: the prefix need not be ASCII.
  const { event, ...rest } = decodeText(text, lenientUtf8.decode(body.subarray(0, start)).length);
  if (!isBytes) return { event, ...rest };
  const data = body.slice(end + 3);
  return { event, data, text: lenientUtf8.decode(data) };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    // Bytes that are no text are an ordinary answer here.
    return undefined;
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function refusal(
  code: EventMessageErrorCode,
  body: string,
  expected: string,
  cause?: unknown,
): EventMessageError {
  const what = code === "invalid_type" ? "invalid type" : "invalid message";
  return new EventMessageError(
    code,
    `Cannot decode ${show(body)}: ${what}, ${expected}`,
    cause === undefined ? undefined : { cause },
  );
}

function show(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return JSON.stringify(
    value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value,
  );
}
