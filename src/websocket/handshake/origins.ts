/**
 * Which origins may connect (RFC 6454; seed 000: CheckOrigin).
 *
 * @module
 */

import { isLoopbackHost, normalizeHost, showValue } from "../../text/mod.ts";
import type { Handshake, Refusal } from "./handshake.ts";

/** Whether a handshake is welcome; a text says why it is not. */
export type HandshakeCheck = (handshake: Handshake) => boolean | string;

/**
 * Whether an origin is welcome at a host; with a scheme, where it is known how the host
 * was reached.
 */
export type OriginRule = (origin: string, host: string, scheme?: "http" | "https") => boolean;

const EXPECTED =
  '"same-origin", "*", an origin such as "https://example.com", or "https://*.example.com"';

/**
 * Makes one rule of a list: an origin is welcome if any entry says so.
 *
 * - `"same-origin"`: the host and port of the origin are those asked for, and its
 *   scheme is the one given. Without one it is not compared: a proxy may have ended TLS.
 * - `"*"`: every origin
 * - `"https://example.com"`: exactly this origin
 * - `"https://*.example.com"`: every host below it, at any depth, not itself
 *
 * @throws {TypeError} If an entry has another form.
 */
export function compileOrigins(entries: string | readonly string[]): OriginRule {
  const rules = listEntries(entries).map(compileEntry);
  return (origin, host, scheme) => rules.some((rule) => rule(origin, host, scheme));
}

function listEntries(entries: string | readonly string[]): readonly string[] {
  const list = typeof entries === "string" ? [entries] : entries;
  if (Array.isArray(list)) return list;
  throw new TypeError(
    `Cannot allow origins: got ${showValue(entries)}, expected ${EXPECTED}, or a list` +
      (typeof entries === "function" ? "; what a function decides is for accept" : ""),
  );
}

/**
 * Makes the check of a handshake. One without an Origin is no browser's and passes
 * every list. That an origin is the server's own is
 * believed on a listener of this machine alone only for hosts that cannot be made up.
 *
 * @throws {TypeError} If an entry of a list has another form than {@linkcode compileOrigins} takes.
 */
export function toOriginCheck(origins: string | readonly string[]): HandshakeCheck {
  const isWelcome = compileOrigins(origins);
  const isListed = compileOrigins(listEntries(origins).filter((entry) => entry !== "same-origin"));
  return ({ headers, scheme, ownHosts }) => {
    const { origin, host = "" } = headers;
    if (origin === undefined) return true;
    if (!isWelcome(origin, host, scheme)) return false;
    if (ownHosts === undefined || isListed(origin, host) || isOwn(host, ownHosts)) return true;
    return `the host ${JSON.stringify(host)} is not known to be this server: expected a name or ` +
      "address of loopback, a host of listen.hosts, or a proxy of listen.trustProxy that " +
      "forwarded the request";
  };
}

/** Whether nobody else can have this machine called so. */
function isOwn(host: string, ownHosts: readonly string[]): boolean {
  const asked = URL.parse(`http://${host}`)?.hostname ?? "";
  const hostname = normalizeHost(asked.replace(/\.$/, ""));
  return hostname !== undefined && (isLoopbackHost(hostname) || ownHosts.includes(hostname));
}

/** Says why the origin of a handshake is refused; `undefined` if it is welcome. */
export function refuseOrigin(
  handshake: Handshake,
  isWelcome: HandshakeCheck,
): Refusal | undefined {
  const answer = isWelcome(handshake);
  if (answer === true) return undefined;
  const origin = JSON.stringify(handshake.headers["origin"] ?? null);
  const why = typeof answer === "string" ? answer : `the origin ${origin} is not allowed`;
  return { status: 403, reason: `Cannot upgrade: ${why}` };
}

function compileEntry(entry: string): OriginRule {
  if (entry === "*") return () => true;
  if (entry === "same-origin") return isSameOrigin;
  const wildcard = /^([a-z][a-z0-9+.-]*:\/\/)\*\.([^*/]+)$/i.exec(entry);
  if (wildcard !== null) {
    const base = parseOrigin(wildcard[1]! + wildcard[2]!, entry);
    return (origin) => isBelow(origin, base);
  }
  const exact = parseOrigin(entry, entry).origin;
  return (origin) => URL.parse(origin)?.origin === exact && isBareOrigin(origin);
}

function isSameOrigin(origin: string, host: string, scheme?: "http" | "https"): boolean {
  const url = URL.parse(origin);
  if (url === null || !isBareOrigin(origin)) return false;
  if (scheme !== undefined && url.protocol !== `${scheme}:`) return false;
  // Parsed with the origin's scheme, so that a default port compares equal to none.
  return URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}

function isBelow(origin: string, base: URL): boolean {
  const url = URL.parse(origin);
  return url !== null && isBareOrigin(origin) && url.protocol === base.protocol &&
    url.port === base.port && url.hostname.endsWith(`.${base.hostname}`);
}

/** An Origin header is scheme, host and port alone. */
function isBareOrigin(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\\]+$/i.test(text);
}

function parseOrigin(text: string, entry: string): URL {
  const url = isBareOrigin(text) && !text.includes("*") ? URL.parse(text) : null;
  if (url !== null && url.host !== "" && /^(https?|wss?):$/.test(url.protocol)) return url;
  throw new TypeError(
    `Cannot allow the origin ${JSON.stringify(entry)}: expected ${EXPECTED}`,
  );
}
