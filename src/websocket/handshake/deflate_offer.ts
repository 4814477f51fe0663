/**
 * Offers of permessage-deflate (RFC 6455, section 9.1; RFC 7692, sections 5 and 7.1).
 *
 * @module
 */

import { splitOutsideQuotes, TOKEN, trimSpace } from "./http_list.ts";

/** One extension that a client offers. */
export interface ExtensionOffer {
  readonly name: string;
  /** Name and value of each parameter, in order; no value is `undefined`. */
  readonly params: readonly (readonly [name: string, value: string | undefined])[];
}

/** A text in quotes, in which a backslash stands before what is taken as it is. */
const QUOTED = /^"((?:[^"\\]|\\[^])*)"$/;
const ESCAPED = /\\([^])/g;

const DEFLATE = "permessage-deflate";

/** A window of 256 bytes to 32 KiB, as the exponent, without leading zeroes. */
const WINDOW_BITS = /^(?:[89]|1[0-5])$/;

/** Which values a parameter of permessage-deflate may have in an offer. */
const PARAMS: ReadonlyMap<string, (value: string | undefined) => boolean> = new Map([
  ["server_no_context_takeover", isAbsent],
  ["client_no_context_takeover", isAbsent],
  ["server_max_window_bits", isWindow],
  ["client_max_window_bits", (value) => isAbsent(value) || isWindow(value)],
]);

/**
 * The first of the offers that is one of permessage-deflate and can be accepted, in
 * the form that has no quotes; `undefined` if there is none: then the connection
 * goes on without compression (RFC 7692, section 5).
 */
export function acceptDeflate(offers: readonly ExtensionOffer[]): string | undefined {
  const accepted = offers.find(isAcceptable);
  if (accepted === undefined) return undefined;
  const params = accepted.params.map(([name, value]) =>
    value === undefined ? `; ${name}` : `; ${name}=${value}`
  );
  return DEFLATE + params.join("");
}

function isAcceptable({ name, params }: ExtensionOffer): boolean {
  if (name !== DEFLATE) return false;
  const names = new Set(params.map(([param]) => param));
  if (names.size < params.length) return false;
  return params.every(([param, value]) => PARAMS.get(param)?.(value) === true);
}

function isAbsent(value: string | undefined): boolean {
  return value === undefined;
}

function isWindow(value: string | undefined): boolean {
  return value !== undefined && WINDOW_BITS.test(value);
}

/**
 * Reads the value of `Sec-WebSocket-Extensions`; `undefined` if it is none, which
 * breaks the handshake, unlike an offer that cannot be accepted. Takes time that
 * grows with its length.
 */
export function parseOffers(header: string | undefined): ExtensionOffer[] | undefined {
  const offers: ExtensionOffer[] = [];
  for (const element of splitOutsideQuotes(header ?? "", ",")) {
    if (element === "") continue;
    const offer = parseOffer(element);
    if (offer === undefined) return undefined;
    offers.push(offer);
  }
  return offers;
}

function parseOffer(element: string): ExtensionOffer | undefined {
  const [name = "", ...rest] = splitOutsideQuotes(element, ";");
  const params = rest.map(parseParam);
  const isWhole = TOKEN.test(name) && params.every((param) => param !== undefined);
  return isWhole ? { name, params: params as ExtensionOffer["params"] } : undefined;
}

function parseParam(text: string): readonly [string, string | undefined] | undefined {
  const equals = text.indexOf("=");
  const name = equals === -1 ? text : trimSpace(text.slice(0, equals));
  if (!TOKEN.test(name)) return undefined;
  if (equals === -1) return [name, undefined];
  const written = trimSpace(text.slice(equals + 1));
  // What is in quotes has to be a token as well (RFC 6455, section 9.1).
  const value = QUOTED.exec(written)?.[1]?.replace(ESCAPED, "$1") ?? written;
  return TOKEN.test(value) ? [name, value] : undefined;
}
