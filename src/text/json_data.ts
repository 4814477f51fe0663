/**
 * JSON from clients: as deep and as harmless as plain data is.
 *
 * @module
 */

/** Deepest nesting of arrays and objects that is accepted. */
export const MAX_JSON_DEPTH = 256;

/** Texts in which a key `__proto__` may stand, escaped or not. */
const MAY_NAME_PROTOTYPE = /__proto__|\\u/;

/**
 * Parses JSON whose nesting is bounded and that names no prototype, so that
 * the value can be merged, cloned and encoded again without harm.
 *
 * @throws {SyntaxError} If it is not JSON, is nested too deeply, or has a key `__proto__`.
 */
export function parseJsonData(text: string): unknown {
  const value = JSON.parse(text);
  // Each level takes two characters.
  if (text.length > 2 * MAX_JSON_DEPTH || MAY_NAME_PROTOTYPE.test(text)) assertHarmless(value);
  return value;
}

/** Without recursion: the nesting is what is not trusted. */
function assertHarmless(root: unknown): void {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    const containers = level.filter((value) => typeof value === "object" && value !== null);
    if (containers.length > 0 && depth >= MAX_JSON_DEPTH) {
      throw new SyntaxError(`nested more than ${MAX_JSON_DEPTH} deep`);
    }
    if (containers.some((value) => Object.hasOwn(value as object, "__proto__"))) {
      throw new SyntaxError('the key "__proto__" is not accepted');
    }
    level = containers.flatMap((value) => Object.values(value as object));
  }
}
