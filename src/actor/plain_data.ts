/**
 * The check that a message is plain data.
 *
 * @module
 */

import { showError } from "./errors.ts";

const MAX_FAST_DEPTH = 8;

/**
 * Checks that structured clone accepts a message, so that the same code works
 * when the receiver is on another thread or machine.
 *
 * Flat objects, arrays and bytes are recognised without cloning; anything else
 * is put to structured clone itself. `action` is what cannot be done otherwise.
 *
 * @throws {TypeError} If structured clone refuses it.
 */
export function assertPlainData(message: unknown, action = "send the message"): void {
  try {
    // A getter may throw in both.
    if (!isPlain(message, 0)) structuredClone(message);
  } catch (cause) {
    const why = JSON.stringify(showError(cause));
    throw new TypeError(
      `Cannot ${action}: expected plain data that structured clone accepts, got ${why}`,
      { cause },
    );
  }
}

function isPlain(value: unknown, depth: number): boolean {
  return typeof value === "object"
    ? value === null || isPlainObject(value, depth)
    : typeof value !== "function" && typeof value !== "symbol";
}

function isPlainObject(value: object, depth: number): boolean {
  if (depth > MAX_FAST_DEPTH) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key];
      // Most messages are flat and of text: spare them a call for each field.
      if (typeof item !== "string" && !isPlain(item, depth + 1)) return false;
    }
    return true;
  }
  if (prototype === Array.prototype) {
    return (value as unknown[]).every((item) => isPlain(item, depth + 1));
  }
  return prototype === Uint8Array.prototype &&
    !((value as Uint8Array).buffer as ArrayBuffer).detached;
}
