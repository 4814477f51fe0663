/**
 * What proxies wrote down of a request: `Forwarded` (RFC 7239) and `X-Forwarded-For`.
 *
 * Both are lists to which each proxy adds at the right, so both are read from the
 * right, element by element, and no further than it takes: what stands left of the
 * proxies that are trusted anybody may have written, well-formed or not.
 *
 * @module
 */

import { normalizeAddress } from "../text/mod.ts";

/** One hop as a proxy wrote it down; without a readable address there is no `hostname`. */
export interface Hop {
  readonly hostname?: string;
  /** 0 if it was not told. */
  readonly port: number;
  /** How that hop was reached, where it was told. */
  readonly scheme?: string;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const WITH_PORT = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(?:(\d{1,5})|_[A-Za-z0-9._-]+))?$/;

/**
 * The elements of `Forwarded` from the right; empty ones are left out (RFC 9110,
 * section 5.6.1.2). One that cannot be read is a hop without an address.
 */
export function* forwardedHops(value: string): Generator<Hop> {
  for (const element of splitFromRight(value, ",")) {
    const pairs = [...splitFromRight(element, ";")].map(readPair);
    if (pairs.length === 0) continue;
    yield toHop(pairs);
  }
}

/** The elements of `X-Forwarded-For` from the right. */
export function* listedHops(value: string): Generator<Hop> {
  for (let end = value.length; end >= 0;) {
    const comma = end === 0 ? -1 : value.lastIndexOf(",", end - 1);
    const node = value.slice(comma + 1, end).trim();
    if (node !== "") yield readNode(node);
    end = comma;
  }
}

/** Parts from the right, trimmed; a separator in quotes separates nothing, empty parts are none. */
function* splitFromRight(text: string, separator: string): Generator<string> {
  let end = text.length;
  let at = end - 1;
  while (at >= 0) {
    if (text[at] === '"') at = openingQuote(text, at);
    else if (text[at] === separator) {
      const part = text.slice(at + 1, end).trim();
      if (part !== "") yield part;
      end = at;
    }
    at--;
  }
  const first = text.slice(0, end).trim();
  if (first !== "") yield first;
}

/** Where the text begins that ends with the quote at `closing`; -1 if it does not begin. */
function openingQuote(text: string, closing: number): number {
  for (let at = closing - 1; at >= 0; at--) {
    if (text[at] !== '"') continue;
    let before = at;
    while (before > 0 && text[before - 1] === "\\") before--;
    if ((at - before) % 2 === 0) return at;
    at = before;
  }
  return -1;
}

type Pair = readonly [name: string, value: string] | undefined;

/** `token "=" ( token / quoted-string )`, the value without its quotes and escapes. */
function readPair(text: string): Pair {
  const equals = text.indexOf("=");
  const name = text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (equals < 1 || !TOKEN.test(name)) return undefined;
  if (TOKEN.test(value)) return [name.toLowerCase(), value];
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(value)?.[1];
  return quoted === undefined ? undefined : [name.toLowerCase(), quoted.replace(/\\(.)/gs, "$1")];
}

function toHop(pairs: readonly Pair[]): Hop {
  const known = new Map(pairs.filter((pair) => pair !== undefined));
  // Malformed, or with a parameter that stands twice (RFC 7239, section 4).
  if (known.size < pairs.length) return { port: 0 };
  const hop = readNode(known.get("for") ?? "");
  const scheme = known.get("proto")?.toLowerCase();
  return scheme === undefined ? hop : { ...hop, scheme };
}

function readNode(node: string): Hop {
  const address = normalizeAddress(node);
  if (address !== undefined) return { hostname: address, port: 0 };
  const [, inBrackets, bare, port = "0"] = WITH_PORT.exec(node) ?? [];
  // `unknown` and `_hidden` (RFC 7239, section 6) tell no address.
  const hostname = normalizeAddress(inBrackets ?? bare ?? "");
  return hostname === undefined ? { port: 0 } : { hostname, port: Number(port) };
}
