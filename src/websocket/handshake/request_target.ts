/**
 * What a request is for: its target and its host (RFC 9112, sections 3.2 and 3.3).
 *
 * @module
 */

/** Where a request goes, in one URL; or what keeps it from going anywhere. */
export type RequestTarget =
  | { readonly url: string; readonly host: string }
  | { readonly wrong: string };

/** Host of a request that names none, as one over HTTP/1.0 may. */
const NO_HOST = "localhost";

/** `uri-host [":" port]`, but for the comma, which joins several of them (RFC 3986, section 3.2.2). */
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]*)?$/;

/** Start of a whole URL: scheme and authority. */
const ABSOLUTE = /^(https?):\/\/([^/?#\\]*)/i;

/** What a target consists of: whatever is neither space, nor a control, nor beyond ASCII. */
const VISIBLE = /^[\x21-\x7e]+$/;

/**
 * Reads target and host of a request. A whole URL as target brings its own host,
 * for which `Host` is ignored, though it has to be one.
 *
 * @param target From the request line, or a URL that was made of it.
 * @param host Value of `Host`; several are joined by commas. Default `localhost`.
 * @param scheme Of the connection.
 */
export function readTarget(
  target: string,
  host: string | undefined,
  scheme: "http" | "https" = "http",
): RequestTarget {
  if (host !== undefined && !isAuthority(host)) {
    return { wrong: `got Host ${JSON.stringify(host)}, expected one host` };
  }
  if (!VISIBLE.test(target)) return badTarget(target, "visible ASCII");
  if (target.includes("#")) return badTarget(target, "one without a fragment");
  if (target.startsWith("/")) return join(scheme, host ?? NO_HOST, target, target);
  const [start = "", ownScheme = "", ownHost = ""] = ABSOLUTE.exec(target) ?? [];
  if (!isAuthority(ownHost)) return badTarget(target, "a path, or a URL with a host");
  return join(ownScheme.toLowerCase(), ownHost, target.slice(start.length), target);
}

function join(scheme: string, host: string, rest: string, target: string): RequestTarget {
  const query = rest.indexOf("?");
  // In a path the parser takes it for a slash.
  if (rest.slice(0, query === -1 ? rest.length : query).includes("\\")) {
    return badTarget(target, "a path without a backslash");
  }
  const url = `${scheme}://${host}${rest}`;
  return URL.canParse(url) ? { url, host } : badTarget(target, "a URL");
}

function badTarget(target: string, expected: string): RequestTarget {
  return { wrong: `got target ${JSON.stringify(target)}, expected ${expected}` };
}

/**
 * Whether a text is a host with or without a port. A port that is too high and a
 * host that nobody can have show to the parser of URLs alone.
 */
export function isAuthority(text: string): boolean {
  return AUTHORITY.test(text) && URL.canParse(`http://${text}/`);
}
