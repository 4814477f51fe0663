/**
 * Names of processes that are made of the path of a handshake.
 *
 * @module
 */

/** What a pattern of names looks like, for the text of an error. */
export const TARGET_PATTERN =
  'the name of a process such as "lobby" or "game/:room", where a part after a slash may be ' +
  '":name" or "*" of the path';

const PARAM = /^:[A-Za-z_][A-Za-z0-9_]*$/;

/** What `params` call the rest of a path that ends in `*`, as `URLPattern` does. */
export const REST = "0";

/** The name that a part stands for; undefined for what stands for itself. */
function paramOf(part: string): string | undefined {
  if (part === "*") return REST;
  return PARAM.test(part) ? part.slice(1) : undefined;
}

/** Whether a text is a pattern of names: only what follows the name itself may come from a path. */
export function isTargetPattern(pattern: string): boolean {
  const [name = "", ...parts] = pattern.split("/");
  return /^[^:*]/.test(name) &&
    parts.every((part) => part !== "" && (!/^[:*]/.test(part) || paramOf(part) !== undefined));
}

/** What of a path a pattern asks for. */
export function paramsOfTarget(pattern: string): string[] {
  return pattern.split("/").flatMap((part) => paramOf(part) ?? []);
}

/** A name, or why there can be none: what is missing, or cannot be told from a part of its own. */
export type FilledTarget =
  | { readonly name: string }
  | { readonly missing: string }
  | { readonly ambiguous: string };

/** Fills in what a path says. */
export function fillTarget(
  pattern: string,
  params: Readonly<Record<string, string>>,
): FilledTarget {
  const asked = paramsOfTarget(pattern);
  if (asked.length === 0) return { name: pattern };
  const missing = asked.find((name) => !Object.hasOwn(params, name));
  if (missing !== undefined) return { missing };
  // Else two paths could lead to one process.
  const ambiguous = asked.length > 1
    ? asked.find((name) => params[name]!.includes("/"))
    : undefined;
  if (ambiguous !== undefined) return { ambiguous };
  const parts = pattern.split("/").map((part) => {
    const name = paramOf(part);
    return name === undefined ? part : params[name]!;
  });
  return { name: parts.join("/") };
}
