/**
 * Turns log records into lines: text for people, JSON for programs.
 *
 * Pure. A line ends in a newline and has no other one, except that the text
 * format puts the stack of an error below it, indented.
 *
 * @module
 */

import type { LogRecord } from "@logtape/logtape";
import {
  escapeControls,
  isSecretName,
  quote,
  REDACTED,
  redactText,
  redactUrl,
} from "../../text/mod.ts";

/** Bounds of what one value may add to a line. */
export const FORMAT_LIMITS: Readonly<{ chars: number; depth: number; entries: number }> = Object
  .freeze({ chars: 8192, depth: 6, entries: 100 });

const BARE = /^[\p{L}\p{N}_.:/@#<>+-]+$/u;
const PLACEHOLDER = /\{\{|\}\}|\{\s*([^{}\s]+)\s*\}/g;
const RESERVED = new Set(["time", "level", "logger", "message"]);

function shorten(text: string): string {
  if (text.length <= FORMAT_LIMITS.chars) return text;
  return `${text.slice(0, FORMAT_LIMITS.chars)}… (${text.length} characters)`;
}

function errorFields(error: Error, depth: number): Record<string, unknown> {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return {
    name: error.name,
    message: shorten(redactText(error.message)),
    ...(code === undefined ? {} : { code: toPlain(code, depth + 1) }),
    stack: shorten(redactText(error.stack ?? "")),
    ...(cause === undefined ? {} : { cause: toPlain(cause, depth + 1) }),
  };
}

function plainObject(value: object, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value).slice(0, FORMAT_LIMITS.entries)) {
    result[key] = plainField(key, (value as Record<string, unknown>)[key], depth + 1);
  }
  return result;
}

/** A field of that name, such as `authorization`, may be a secret whatever it holds. */
function plainField(key: string, value: unknown, depth = 0): unknown {
  const isSecret = typeof value === "string" && isSecretName(key);
  return isSecret ? REDACTED : toPlain(value, depth);
}

function toPlain(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return shorten(redactText(value));
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "function") return `<function ${value.name}>`;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= FORMAT_LIMITS.depth) return Array.isArray(value) ? "<array>" : "<object>";
  if (value instanceof Error) return errorFields(value, depth);
  if (value instanceof Date) return String(value.getTime()) === "NaN" ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (value instanceof URL) return redactUrl(value);
  if (value instanceof Map) return plainObject(Object.fromEntries(value), depth);
  const list = value instanceof Set ? [...value] : value;
  if (!Array.isArray(list)) return plainObject(value, depth);
  return list.slice(0, FORMAT_LIMITS.entries).map((entry) => toPlain(entry, depth + 1));
}

function safely<T>(compute: () => T, fallback: T): T {
  try {
    return compute();
  } catch {
    // A getter or toJSON of the value threw: the line is still written.
    return fallback;
  }
}

/** One value inside a text line: bare if it cannot be mistaken, else quoted. */
function textValue(value: unknown): string {
  if (typeof value === "string") {
    return BARE.test(value) && redactText(value) === value && value.length <= FORMAT_LIMITS.chars
      ? value
      : quote(shorten(value));
  }
  if (value instanceof Error) return quote(shorten(`${value.name}: ${value.message}`));
  if (value === undefined) return "undefined";
  const plain = toPlain(value);
  if (typeof plain === "string") return textValue(plain);
  return escapeControls(JSON.stringify(plain));
}

function messageText(record: LogRecord, value: (value: unknown) => string): string {
  return record.message.map((part, index) =>
    index % 2 === 0
      ? escapeControls(redactText(String(part)))
      : safely(() => value(part), "<unprintable>")
  ).join("");
}

function placeholders(record: LogRecord): Set<string> {
  if (typeof record.rawMessage !== "string") return new Set();
  return new Set(Array.from(record.rawMessage.matchAll(PLACEHOLDER), (match) => match[1] ?? ""));
}

function stackLines(properties: Record<string, unknown>): string {
  let lines = "";
  for (const value of Object.values(properties)) {
    if (!(value instanceof Error)) continue;
    const frames = (value.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
    lines += frames.map((frame) => `    ${escapeControls(redactText(frame.trim()))}\n`).join("");
  }
  return lines;
}

/** A property; a secret one only says that it is there. */
function fieldOf({ properties }: LogRecord, key: string): unknown {
  const value = properties[key];
  return typeof value === "string" && isSecretName(key) ? REDACTED : value;
}

/** `2026-01-31T12:00:00.000Z warning troupe.server Something happened key=value` */
export function formatText(record: LogRecord): string {
  const time = new Date(record.timestamp).toISOString();
  const shown = placeholders(record);
  let line = `${time} ${record.level.padEnd(7)} ${escapeControls(record.category.join("."))} ` +
    messageText(record, textValue);
  for (const key of Object.keys(record.properties)) {
    if (shown.has(key)) continue;
    const value = safely(() => textValue(fieldOf(record, key)), "<unprintable>");
    line += ` ${BARE.test(key) ? key : quote(key)}=${value}`;
  }
  return `${line}\n${safely(() => stackLines(record.properties), "")}`;
}

/**
 * `{"time","level","logger","message",…}`: the record's properties follow as
 * fields of the same object; one of a reserved name gets a leading `_`.
 */
export function formatJson(record: LogRecord): string {
  const line: Record<string, unknown> = Object.create(null);
  line.time = new Date(record.timestamp).toISOString();
  line.level = record.level;
  line.logger = record.category.join(".");
  line.message = messageText(
    record,
    (value) => typeof value === "string" ? redactText(value) : textValue(value),
  );
  for (const key of Object.keys(record.properties)) {
    const field = RESERVED.has(key) ? `_${key}` : key;
    line[field] = safely(() => plainField(key, record.properties[key]), "<unprintable>");
  }
  return `${escapeControls(JSON.stringify(line))}\n`;
}
