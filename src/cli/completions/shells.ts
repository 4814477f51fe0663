/**
 * The shells that commands and flags can be completed in.
 *
 * @module
 */

/** Names of the shells. */
export const SHELLS: readonly ["bash", "zsh", "fish"] = ["bash", "zsh", "fish"];

/** One of them. */
export type Shell = typeof SHELLS[number];

/** A text as one word of bash or zsh. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text as one word of fish, where a backslash means something between quotes, too. */
export function fishWord(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
