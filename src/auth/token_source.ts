/**
 * Finds the token of a handshake.
 *
 * @module
 */

import type { TokenSource } from "./options.ts";

const BEARER = /^Bearer +([^\s]+) *$/i;

/** What an offered subprotocol begins with that is a token. */
export const SUBPROTOCOL_PREFIX = "bearer.";

/** The token in the first of the places that has one. */
export function findToken(request: Request, from: readonly TokenSource[]): string | undefined {
  for (const source of from) {
    const token = readSource(request, source);
    if (token !== undefined && token !== "") return token;
  }
  return undefined;
}

function readSource({ headers, url }: Request, source: TokenSource): string | undefined {
  const [kind, name = ""] = splitOnce(source, ":");
  switch (kind) {
    case "bearer":
      return BEARER.exec(headers.get("authorization") ?? "")?.[1];
    case "query":
      return new URL(url).searchParams.get(name) ?? undefined;
    case "cookie":
      return readCookie(headers.get("cookie") ?? "", name);
    default:
      return (headers.get("sec-websocket-protocol") ?? "").split(",")
        .map((each) => each.trim())
        .find((each) => each.startsWith(SUBPROTOCOL_PREFIX))?.slice(SUBPROTOCOL_PREFIX.length);
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The value of a cookie (RFC 6265, section 5.4), without the quotes that it may have. */
function readCookie(header: string, wanted: string): string | undefined {
  for (const pair of header.split(";")) {
    const [name = "", value] = splitOnce(pair, "=");
    if (name.trim() !== wanted || value === undefined) continue;
    const text = value.trim();
    return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
  }
  return undefined;
}

/** Names of the parameters of a query that tokens come in. */
export function queryNames(from: readonly TokenSource[]): string[] {
  return from.filter((each) => each.startsWith("query:")).map((each) =>
    each.slice("query:".length)
  );
}
