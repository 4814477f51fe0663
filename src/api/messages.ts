/**
 * Messages between JSON and what actors take.
 *
 * @module
 */

import { bytes, json, type OutgoingMessage, text } from "../websocket/mod.ts";
import type { GivenMessage } from "./fields.ts";

/**
 * The message to a client that was given in one of its forms.
 *
 * @throws {TypeError} If it has none.
 */
export function toOutgoing(given: GivenMessage): OutgoingMessage {
  if (given.text !== undefined) return text(given.text);
  if (given.base64 !== undefined) return bytes(Uint8Array.fromBase64(given.base64));
  if (Object.hasOwn(given, "json")) return json(given.json);
  throw new TypeError("Cannot send a message: expected one of text, base64, json");
}

/** As `toOutgoing`, the body alone. */
export function bodyOf(given: GivenMessage): string | Uint8Array {
  const { text, base64, json } = given;
  return text ?? (base64 === undefined ? JSON.stringify(json) : Uint8Array.fromBase64(base64));
}

/** Longest nesting that is shown. */
const MAX_DEPTH = 64;

/**
 * Plain data as JSON can carry it: bytes as `{ base64 }`, big numbers as text, maps and sets as
 * lists; what refers to itself ends in `"…"`.
 */
export function toJson(value: unknown, depth = 0): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value === undefined) return null;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (value instanceof Uint8Array) return { base64: value.toBase64() };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return { error: value.message };
  const inside = (each: unknown) => toJson(each, depth + 1);
  if (value instanceof Map) return Array.from(value, inside);
  if (value instanceof Set || Array.isArray(value)) return Array.from(value, inside);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inside(each)]));
}
