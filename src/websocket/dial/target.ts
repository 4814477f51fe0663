/**
 * What is dialed, checked before anything is sent.
 *
 * @module
 */

import { quote, redactUrl, showValue } from "../../text/mod.ts";
import { TOKEN } from "../handshake/http_list.ts";

/** A field value of RFC 7230, section 3.2, as it is sent: bytes, without controls but tabs. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What a subprotocol consists of, for the text of an error. */
export const TOKEN_CHARACTERS = "letters, digits and !#$%&'*+-.^_`|~";

/**
 * The URL of a WebSocket.
 *
 * @throws {TypeError} If it is not one of `ws:` or `wss:`, or has a fragment (RFC
 * 6455, section 3).
 */
export function toWebSocketUrl(url: string | URL): URL {
  const parsed = URL.parse(url);
  if (parsed === null || !/^wss?:$/.test(parsed.protocol)) {
    throw new TypeError(
      `Cannot connect to ${quote(redactUrl(url))}: it is no URL of a WebSocket, ` +
        "expected one such as ws://127.0.0.1:8080/ws",
    );
  }
  // An empty one shows here alone.
  if (!parsed.href.includes("#")) return parsed;
  const plain = quote(redactUrl(parsed));
  throw new TypeError(`Cannot connect to ${plain}: it has a fragment, expected a URL without one`);
}

/** The first that cannot be offered as a subprotocol: no token, or there before. */
export function findBadProtocol(
  protocols: readonly unknown[],
): { readonly protocol: unknown; readonly why: string } | undefined {
  const seen = new Set<unknown>();
  for (const protocol of protocols) {
    if (typeof protocol !== "string" || !TOKEN.test(protocol)) return { protocol, why: "no token" };
    if (seen.has(protocol)) return { protocol, why: "there twice" };
    seen.add(protocol);
  }
  return undefined;
}

/**
 * Checks subprotocols to offer (RFC 6455, section 4.1).
 *
 * @throws {TypeError} If they are no list of tokens, each once.
 */
export function assertProtocols(protocols: unknown): void {
  if (!Array.isArray(protocols)) {
    throw new TypeError(
      `Cannot create a connection: protocols is ${showValue(protocols)}, expected a list of texts`,
    );
  }
  const bad = findBadProtocol(protocols);
  if (bad === undefined) return;
  throw new TypeError(
    `Cannot create a connection: subprotocol ${showValue(bad.protocol)} is ${bad.why}, ` +
      `expected tokens of ${TOKEN_CHARACTERS}, each once`,
  );
}

/** Whether a header can be sent. */
export function isSendableHeader(name: string, value: unknown): boolean {
  return TOKEN.test(name) && typeof value === "string" && FIELD_VALUE.test(value);
}

/**
 * Checks headers of the handshake; the text does not show values, which may be secret.
 *
 * @throws {TypeError} If one cannot be sent.
 */
export function assertHeaders(headers: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (isSendableHeader(name, value)) continue;
    throw new TypeError(
      TOKEN.test(name)
        ? `Cannot create a connection: the value of header ${quote(name)} cannot be sent, ` +
          "expected a text of Latin-1 without control characters"
        : `Cannot create a connection: ${quote(name)} is no name of a header, ` +
          `expected ${TOKEN_CHARACTERS}`,
    );
  }
}
