/**
 * From what a client sent to a request, or to the error that answers it.
 *
 * @module
 */

import { quote } from "../text/mod.ts";
import {
  REQUEST_SCHEMAS,
  TOPICS_ERROR,
  TOPICS_MESSAGE_TYPE,
  type TopicsErrorCode,
  type TopicsErrorMessage,
  type TopicsRequest,
} from "./messages.ts";

/** Deepest nesting of a request; the protocol itself needs one level. */
const MAX_DEPTH = 32;
const MAX_SHOWN = 64;
const KNOWN = Object.keys(REQUEST_SCHEMAS).map(quote).join(", ");

/** A message that was read: a request, or what to answer instead. */
export type ReadRequest =
  | { readonly request: TopicsRequest }
  | { readonly error: TopicsErrorMessage };

/**
 * Reads a message of a client. Never throws, whatever it is given.
 *
 * What is no JSON object with a known `type` is answered with
 * UNKNOWN_MESSAGE_TYPE; a known type with other fields than the schema has, with
 * `__proto__` as a key, or nested deeper than 32 levels, with BAD_REQUEST.
 */
export function readRequest(body: string | Uint8Array): ReadRequest {
  if (typeof body !== "string") return unknownType("got a binary message, expected JSON text");
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return unknownType(`got ${shown(body)}, expected JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return unknownType(`got ${shown(body)}, expected a JSON object`);
  }
  const { type } = value as { type?: unknown };
  if (typeof type !== "string" || !Object.hasOwn(REQUEST_SCHEMAS, type)) {
    return unknownType(`got ${showType(type)}, expected one of ${KNOWN}`, reqIdOf(value));
  }
  return readKnown(value, REQUEST_SCHEMAS[type as keyof typeof REQUEST_SCHEMAS]);
}

type AnySchema = typeof REQUEST_SCHEMAS[keyof typeof REQUEST_SCHEMAS];

function readKnown(value: object, schema: AnySchema): ReadRequest {
  const trouble = structureTrouble(value);
  if (trouble !== undefined) return badRequest(trouble, reqIdOf(value));
  const parsed = schema.safeParse(value);
  if (parsed.success) return { request: parsed.data };
  const wrong = parsed.error.issues.map(({ path, message }) => {
    const field = String(path[0] ?? "");
    const given = (value as Record<string, unknown>)[field];
    const got = given === undefined ? "nothing" : shown(JSON.stringify(given) ?? "");
    return `${field} is ${got}, ${message}`;
  });
  return badRequest(wrong.join("; "), reqIdOf(value));
}

/** What no request may have, wherever in it: looked for without recursion. */
function structureTrouble(root: object): string | undefined {
  let level: object[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`;
    const next: object[] = [];
    for (const value of level) {
      if (Object.hasOwn(value, "__proto__")) return 'it has the key "__proto__", which is refused';
      for (const item of Object.values(value)) {
        if (typeof item === "object" && item !== null) next.push(item);
      }
    }
    level = next;
  }
  return undefined;
}

function showType(type: unknown): string {
  if (type === undefined) return "no type";
  // What is no text may be nested without bound: it is not shown.
  return typeof type === "string" ? `type ${shown(type)}` : "a type that is no text";
}

function reqIdOf(value: object): string | undefined {
  const { reqId } = value as { reqId?: unknown };
  return typeof reqId === "string" && reqId !== "" ? reqId : undefined;
}

function shown(text: string): string {
  return text.length <= MAX_SHOWN ? quote(text) : `${quote(text.slice(0, MAX_SHOWN))}…`;
}

function unknownType(why: string, reqId?: string): ReadRequest {
  return refusal(TOPICS_ERROR.unknownMessageType, why, reqId);
}

function badRequest(why: string, reqId: string | undefined): ReadRequest {
  return refusal(TOPICS_ERROR.badRequest, why, reqId);
}

function refusal(code: TopicsErrorCode, why: string, reqId: string | undefined): ReadRequest {
  const message = `Cannot handle the message: ${why}`;
  return {
    error: {
      type: TOPICS_MESSAGE_TYPE.error,
      message,
      code,
      ...(reqId === undefined ? {} : { reqId }),
    },
  };
}
