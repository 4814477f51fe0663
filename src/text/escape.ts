/**
 * Makes text from outside harmless in logs, terminals and error messages.
 *
 * @module
 */

import { redactText } from "./redact.ts";

// C0 and C1 controls (newline, ESC, 8-bit CSI), DEL, the line separators that
// some viewers break at, bidirectional overrides that reorder what is shown,
// the byte order mark, and lone surrogates.
const UNSAFE =
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeOne(character: string): string {
  return SHORT[character] ??
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * Escapes control characters as `\n` or `\u001b`; the rest stays as it is.
 *
 * Applied to JSON text it yields the same JSON value, because such characters
 * occur there inside strings only.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, escapeOne);
}

/** Puts text into double quotes, with quotes, backslashes and controls escaped, without secrets. */
export function quote(text: string): string {
  return escapeControls(JSON.stringify(redactText(text)));
}

/** Shows any value on one line, for the text of an error; of what is long or deep, the beginning. */
export function showValue(value: unknown): string {
  const shown = Deno.inspect(value, {
    depth: 1,
    strAbbreviateSize: 60,
    iterableLimit: 5,
    breakLength: Infinity,
  });
  return escapeControls(redactText(shown));
}
