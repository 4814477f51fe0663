/**
 * Routes by method and path: who answers, or why nobody does.
 *
 * @module
 */

/** Methods of routes. */
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Where a route is. */
export interface RouteKey {
  readonly method: Method;
  /** Segments after `/`; one in braces, `{name}`, is any text that is not empty. */
  readonly path: string;
}

/** What the segments in braces stand for, decoded. */
export type PathParams = Readonly<Record<string, string>>;

/** What was found for a request. */
export type FoundRoute<R> =
  | { readonly kind: "found"; readonly route: R; readonly params: PathParams }
  /** The path has routes, for other methods. */
  | { readonly kind: "method"; readonly allow: string }
  /** A segment is not encoded as UTF-8 with percent signs. */
  | { readonly kind: "malformed" }
  | { readonly kind: "none" };

/** Routes of one path. */
interface Place<R> {
  readonly segments: readonly string[];
  readonly routes: Map<string, R>;
}

/** Finds routes. Of two paths that match, the one with a fixed segment first wins. */
export class RouteTable<R extends RouteKey> {
  readonly #places: Place<R>[] = [];

  /** @throws {TypeError} If two routes have the same method and path. */
  constructor(routes: Iterable<R>) {
    for (const route of routes) {
      const place = this.#placeOf(route.path.split("/").slice(1));
      if (place.routes.has(route.method)) {
        throw new TypeError(`Cannot have ${route.method} ${route.path} twice`);
      }
      place.routes.set(route.method, route);
    }
    this.#places.sort((one, other) => compareSegments(one.segments, other.segments));
  }

  /** Finds the route of a request; `HEAD` is answered by that of `GET`. */
  find(method: string, pathname: string): FoundRoute<R> {
    const given = pathname.slice(1).split("/");
    const place = this.#places.find(({ segments }) => matches(segments, given));
    if (place === undefined) return { kind: "none" };
    const route = place.routes.get(method === "HEAD" ? "GET" : method);
    if (route === undefined) return { kind: "method", allow: allowOf(place.routes.keys()) };
    const params = readParams(place.segments, given);
    return params === undefined ? { kind: "malformed" } : { kind: "found", route, params };
  }

  #placeOf(segments: readonly string[]): Place<R> {
    const path = segments.join("/");
    const known = this.#places.find((place) => place.segments.join("/") === path);
    if (known !== undefined) return known;
    const place = { segments, routes: new Map<string, R>() };
    this.#places.push(place);
    return place;
  }
}

function isParam(segment: string): boolean {
  return segment.startsWith("{");
}

function matches(segments: readonly string[], given: readonly string[]): boolean {
  return segments.length === given.length &&
    segments.every((segment, index) =>
      isParam(segment) ? given[index] !== "" : segment === given[index]
    );
}

function compareSegments(one: readonly string[], other: readonly string[]): number {
  for (const [index, segment] of one.entries()) {
    const second = other[index];
    if (second === undefined) break;
    const order = Number(isParam(segment)) - Number(isParam(second));
    if (order !== 0) return order;
  }
  return 0;
}

function readParams(
  segments: readonly string[],
  given: readonly string[],
): PathParams | undefined {
  try {
    return Object.fromEntries(
      segments.flatMap((segment, index) =>
        isParam(segment) ? [[segment.slice(1, -1), decodeURIComponent(given[index]!)]] : []
      ),
    );
  } catch {
    return undefined;
  }
}

function allowOf(methods: Iterable<string>): string {
  return [...methods].flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]).join(", ");
}
