/**
 * Paths of endpoints: a part of what `URLPattern` has, matched in linear time.
 *
 * @module
 */

/** What a path of an endpoint looks like, for the text of an error. */
export const PATH_PATTERN = 'a path of segments that are literal, ":name", or "*" at the end, ' +
  'such as "/ws", "/game/:room" or "/files/*", without query, fragment, characters to escape ' +
  "or other signs of URLPattern";

/** A part of a path between slashes. */
export type PathSegment =
  | { readonly kind: "literal"; readonly text: string }
  /** Exactly one segment that is not empty. */
  | { readonly kind: "param"; readonly name: string }
  /** All that is left, be it empty. */
  | { readonly kind: "rest" };

/** Signs that mean more to `URLPattern` than themselves. */
const SIGNS = /[:*?+(){}\\]/;
const PARAM = /^:[A-Za-z_][A-Za-z0-9_]*$/;

/** What `params` call the rest, as `URLPattern` does. */
export const REST_PARAM = "0";

/** The segments of a pattern; undefined if it is none. */
export function parsePathPattern(pattern: string): readonly PathSegment[] | undefined {
  // URL keeps the path as it is only if a request can have exactly this one.
  if (!pattern.startsWith("/") || pattern.startsWith("//")) return undefined;
  if (URL.parse(pattern, "http://localhost")?.pathname !== pattern) return undefined;
  const texts = pattern.slice(1).split("/");
  const segments = texts.map((text, index) => parseSegment(text, index === texts.length - 1));
  if (!segments.every((segment) => segment !== undefined)) return undefined;
  const names = paramNames(segments);
  return new Set(names).size === names.length ? segments : undefined;
}

function parseSegment(text: string, isLast: boolean): PathSegment | undefined {
  if (text === "*" && isLast) return { kind: "rest" };
  if (PARAM.test(text)) return { kind: "param", name: text.slice(1) };
  return SIGNS.test(text) ? undefined : { kind: "literal", text };
}

/** What a pattern calls by name. */
export function paramNames(segments: readonly PathSegment[]): string[] {
  return segments.flatMap((segment) => {
    if (segment.kind === "literal") return [];
    return segment.kind === "param" ? segment.name : REST_PARAM;
  });
}

/** Whether a pattern is one path alone. */
export function isLiteral(segments: readonly PathSegment[]): boolean {
  return segments.every(({ kind }) => kind === "literal");
}

/** Equal for patterns of equal weight that match the same paths: names count for nothing. */
export function shapeOf(segments: readonly PathSegment[]): string {
  return segments.map((segment) => {
    if (segment.kind === "literal") return `/${segment.text}`;
    return segment.kind === "param" ? "/:" : "/*";
  }).join("");
}

const WEIGHTS = { literal: 0, param: 1, rest: 2 } as const;

/** Orders patterns: what comes first is the more specific one, seen from the left. */
export function comparePatterns(
  one: readonly PathSegment[],
  other: readonly PathSegment[],
): number {
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const difference = WEIGHTS[one[i]!.kind] - WEIGHTS[other[i]!.kind];
    if (difference !== 0) return difference;
  }
  // Of one that ends in the rest of a path the longer one asks for more.
  return other.length - one.length;
}

/** What a path gives to a pattern that matches it: texts by name, or none that can be decoded. */
export type PathParams = Readonly<Record<string, string>> | "malformed";

/** Matches the segments of a path; undefined if they do not fit. */
export function matchPattern(
  pattern: readonly PathSegment[],
  path: readonly string[],
): PathParams | undefined {
  const hasRest = pattern.at(-1)?.kind === "rest";
  if (hasRest ? path.length < pattern.length : path.length !== pattern.length) return undefined;
  const fits = pattern.every((segment, index) => {
    if (segment.kind === "literal") return path[index] === segment.text;
    return segment.kind === "rest" || path[index] !== "";
  });
  if (!fits) return undefined;
  try {
    return Object.fromEntries(pattern.flatMap((segment, index) => {
      if (segment.kind === "literal") return [];
      const [name, raw] = segment.kind === "param"
        ? [segment.name, path[index]!]
        : [REST_PARAM, path.slice(index).join("/")];
      return [[name, decodeURIComponent(raw)]];
    }));
  } catch {
    return "malformed";
  }
}
