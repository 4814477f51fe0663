/**
 * Suggestions for mistyped names.
 *
 * @module
 */

import { closestString as untyped } from "@std/text/closest-string";

const closestString: (word: string, candidates: readonly string[]) => string = untyped;

/** The candidate most like a word; the word itself if there is no candidate. */
export function nearestName(word: string, candidates: readonly string[]): string {
  return candidates.length === 0 ? word : closestString(word, candidates);
}
