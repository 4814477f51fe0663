/**
 * How large a message will be on a link, told without encoding it.
 *
 * @module
 */

import type { LinkMessage } from "./link_message.ts";

/** Larger ones are encoded to know their size, which costs less than their content. */
const MAX_BYTES = 65_536;
const MAX_DEPTH = 16;
const HEAD_BYTES = 9;

/**
 * About as many bytes as a message takes, at least a third of them; `undefined` if it must be
 * encoded to know: it is large, deep, or holds what is not plain.
 */
export function measure(message: LinkMessage): number | undefined {
  const bytes = measureValue(message, 0);
  return bytes > MAX_BYTES ? undefined : bytes;
}

function measureValue(value: unknown, depth: number): number {
  if (typeof value === "string") return value.length + HEAD_BYTES;
  if (typeof value === "bigint") return Infinity;
  if (typeof value !== "object" || value === null) return HEAD_BYTES;
  if (depth > MAX_DEPTH) return Infinity;
  if (Array.isArray(value)) {
    let bytes = HEAD_BYTES;
    // `for` of indices: holes are `undefined` on the other side, too.
    for (let i = 0; i < value.length && bytes <= MAX_BYTES; i++) {
      bytes += measureValue(value[i], depth + 1);
    }
    return bytes;
  }
  if (value instanceof Uint8Array) return value.byteLength + HEAD_BYTES;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null
    ? measureRecord(value as Record<string, unknown>, depth)
    : Infinity;
}

function measureRecord(value: Record<string, unknown>, depth: number): number {
  let bytes = HEAD_BYTES;
  for (const key in value) {
    bytes += key.length + HEAD_BYTES + measureValue(value[key], depth + 1);
    if (bytes > MAX_BYTES) break;
  }
  return bytes;
}
