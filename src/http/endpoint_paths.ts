/**
 * Finds the endpoint of a path.
 *
 * @module
 */

import {
  comparePatterns,
  isLiteral,
  matchPattern,
  parsePathPattern,
  PATH_PATTERN,
  type PathSegment,
} from "./path_pattern.ts";

/** Paths that the server answers itself; no endpoint can have them, by a pattern neither. */
export const OWN_PATHS = [
  "/troupe.js",
  "/troupe.d.ts",
  "/health/live",
  "/health/ready",
  "/metrics",
] as const;

const OWN: ReadonlySet<string> = new Set(OWN_PATHS);

/** An endpoint, and what a path gave to its pattern. */
export interface FoundEndpoint<E> {
  readonly endpoint: E;
  readonly params: Readonly<Record<string, string>>;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/** The endpoints of a listener by their paths. */
export class EndpointPaths<E> {
  readonly #literal = new Map<string, FoundEndpoint<E>>();
  /** The most specific one first. */
  readonly #patterns: (readonly [segments: readonly PathSegment[], endpoint: E])[] = [];

  /** @throws {TypeError} If a path is no pattern. */
  constructor(endpoints: Iterable<readonly [pattern: string, endpoint: E]>) {
    for (const [pattern, endpoint] of endpoints) {
      const segments = parsePathPattern(pattern);
      if (segments === undefined) {
        throw new TypeError(`Cannot serve ${JSON.stringify(pattern)}: expected ${PATH_PATTERN}`);
      }
      if (isLiteral(segments)) this.#literal.set(pattern, { endpoint, params: NO_PARAMS });
      else this.#patterns.push([segments, endpoint]);
    }
    this.#patterns.sort(([one], [other]) => comparePatterns(one, other));
  }

  /**
   * The endpoint of the path of a URL, by its most specific pattern; `"malformed"` if what
   * that one names is not encoded as it has to be. In time linear in the path.
   */
  find(pathname: string): FoundEndpoint<E> | "malformed" | undefined {
    const literal = this.#literal.get(pathname);
    if (literal !== undefined || this.#patterns.length === 0 || OWN.has(pathname)) return literal;
    const path = pathname.slice(1).split("/");
    for (const [segments, endpoint] of this.#patterns) {
      const params = matchPattern(segments, path);
      if (params === "malformed") return params;
      if (params !== undefined) return { endpoint, params };
    }
    return undefined;
  }
}
