/**
 * Lists in the values of HTTP headers (RFC 9110, section 5.6.1).
 *
 * @module
 */

/** A token (RFC 9110, section 5.6.2). */
export const TOKEN: RegExp = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * Elements of a list in which nothing is in quotes, as a recipient reads it:
 * separated by commas, without spaces and tabs around them, and without the empty ones.
 */
export function listElements(value: string | null | undefined): string[] {
  return (value ?? "").split(",").map(trimSpace).filter((element) => element !== "");
}

/** Whether a list has a token, in any case. `token` is in lower case. */
export function listHasToken(value: string | null | undefined, token: string): boolean {
  return listElements(value).some((element) => element.toLowerCase() === token);
}

/**
 * Parts of a text between separators that are in no quotes (RFC 9110, section
 * 5.6.4), without spaces and tabs around them. A quote that is not closed takes
 * the rest.
 */
export function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') isQuoted = !isQuoted;
    else if (char === "\\" && isQuoted) i++;
    else if (char === separator && !isQuoted) {
      parts.push(trimSpace(text.slice(start, i)));
      start = i + 1;
    }
  }
  parts.push(trimSpace(text.slice(start)));
  return parts;
}

/** Without optional whitespace of HTTP at both ends, which is less than `trim` takes away. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start]!)) start++;
  while (end > start && isSpace(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function isSpace(char: string): boolean {
  return char === " " || char === "\t";
}
