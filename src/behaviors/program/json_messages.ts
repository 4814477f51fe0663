/**
 * The messages of a process as lines of JSON, both ways, as values.
 *
 * @module
 */

import { parseJsonData } from "../../text/mod.ts";
import { isMessage, MESSAGE_TYPE } from "../../websocket/mod.ts";

/** What a program has written. */
export type ProgramCommand =
  | { readonly kind: "send"; readonly to: string | readonly string[]; readonly message: unknown }
  | { readonly kind: "reply"; readonly ref: number; readonly value: unknown }
  | { readonly kind: "fail"; readonly ref: number; readonly error: string }
  | {
    readonly kind: "call";
    readonly ref: string | number;
    readonly to: string;
    readonly message: unknown;
    readonly timeoutMs: number | undefined;
  };

/** Bytes in JSON are `{"base64": "…"}`. */
function withBase64(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: value.toBase64() } : value;
}

/**
 * A message as one line: an object as it is, with the bytes of a connection as `base64`;
 * anything else as `message` of `{"kind": "send", "from": …}`.
 *
 * @throws {TypeError} If JSON cannot express it: a bigint, a cycle.
 */
export function encodeMessage(message: unknown, from: string): string {
  if (isMessage(message)) {
    const { body, ...rest } = message;
    if (body instanceof Uint8Array) return line({ ...rest, base64: body.toBase64() });
    return line(message);
  }
  const isRecord = typeof message === "object" && message !== null && !Array.isArray(message) &&
    !(message instanceof Uint8Array);
  return line(isRecord ? message : { kind: "send", from, message });
}

/** A request that the program is to answer. */
export function encodeCall(ref: number, message: unknown, from: string): string {
  return line({ kind: "call", ref, from, message });
}

/** What became of a call of the program. */
export function encodeReply(
  ref: string | number,
  outcome: { readonly value: unknown } | { readonly error: string },
): string {
  return line({ kind: "reply", reply: ref, ...outcome });
}

function line(value: unknown): string {
  return `${JSON.stringify(value, withBase64)}\n`;
}

/** Reads a line that a program has written; what is wrong with it is a text. */
export function parseCommand(text: string): ProgramCommand | string {
  let given: unknown;
  try {
    given = parseJsonData(text);
  } catch (error) {
    return `it is not JSON (${(error as Error).message})`;
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return "expected an object";
  }
  const fields = given as Record<string, unknown>;
  if ("reply" in fields) return readReply(fields);
  if (!isTarget(fields["to"])) return 'expected "to" with an id, a name or a list of them';
  return "call" in fields ? readCall(fields, fields["to"]) : readSend(fields, fields["to"]);
}

function isTarget(to: unknown): to is string | string[] {
  return isName(to) || (Array.isArray(to) && to.every(isName));
}

function isName(to: unknown): to is string {
  return typeof to === "string" && to !== "";
}

function readReply({ reply, value, error }: Record<string, unknown>): ProgramCommand | string {
  if (typeof reply !== "number") return 'expected "reply" with the "ref" of a call';
  if (error === undefined) return { kind: "reply", ref: reply, value };
  if (typeof error !== "string") return 'expected "error" with a text';
  return { kind: "fail", ref: reply, error };
}

function readCall(
  { call, message, timeoutMs }: Record<string, unknown>,
  to: string | string[],
): ProgramCommand | string {
  if (typeof call !== "string" && typeof call !== "number") {
    return 'expected "call" with a text or number that the reply is to have';
  }
  if (typeof to !== "string") return 'expected "to" with one id or name beside "call"';
  if (message === undefined) return 'expected "message" beside "call"';
  if (timeoutMs !== undefined && typeof timeoutMs !== "number") {
    return 'expected "timeoutMs" with a number';
  }
  return { kind: "call", ref: call, to, message, timeoutMs };
}

const CONTENTS = ["body", "base64", "close", "message"] as const;

function readSend(
  fields: Record<string, unknown>,
  to: string | string[],
): ProgramCommand | string {
  const given = CONTENTS.filter((key) => fields[key] !== undefined);
  if (given.length !== 1) return 'expected one of "body", "base64", "close", "message" beside "to"';
  const message = readContent(fields, given[0]!);
  return typeof message === "string" ? message : { kind: "send", to, message: message.content };
}

function readContent(
  fields: Record<string, unknown>,
  what: typeof CONTENTS[number],
): { readonly content: unknown } | string {
  const { type, reason, [what]: value } = fields;
  if (what === "message") return { content: value };
  if (what === "close") {
    const code = value === true ? undefined : value;
    return { content: { kind: "message", type: MESSAGE_TYPE.close, code, reason } };
  }
  if (typeof value !== "string") return `expected "${what}" with a text`;
  if (what === "body") {
    return { content: { kind: "message", type: type ?? MESSAGE_TYPE.text, body: value } };
  }
  try {
    const body = Uint8Array.fromBase64(value);
    return { content: { kind: "message", type: type ?? MESSAGE_TYPE.binary, body } };
  } catch {
    // The error does not say more than this.
    return 'expected "base64" with bytes in base64';
  }
}
