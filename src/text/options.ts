/**
 * The refusal of options that there are not.
 *
 * @module
 */

import { quote, showValue } from "./escape.ts";
import { nearestName } from "./nearest.ts";

/** The names of the options of a type; one that is missing or too many does not compile. */
export function optionNames<Options>(names: Readonly<Record<keyof Options, true>>): string[] {
  return Object.keys(names);
}

/**
 * Checks that there are no other options than these: a name that was misspelt
 * would count as left out. Errors say that it is `action` which cannot be done.
 *
 * @throws {TypeError} If there are, naming the first one and what may have been
 * meant, or if the options are no object.
 */
export function assertOptions(action: string, options: unknown, keys: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const shown = showValue(options);
    throw new TypeError(`Cannot ${action}: options are ${shown}, expected an object`);
  }
  const unknown = Object.keys(options).find((key) => !keys.includes(key));
  if (unknown === undefined) return;
  const expected = keys.length === 0
    ? "none"
    : `one of ${keys.join(", ")}; did you mean ${quote(nearestName(unknown, keys))}`;
  throw new TypeError(`Cannot ${action}: ${quote(unknown)} is no option, expected ${expected}`);
}
