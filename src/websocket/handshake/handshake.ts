/**
 * The check of a handshake before the upgrade (RFC 6455, section 4.2).
 *
 * @module
 */

import type { HeaderLine } from "../options.ts";
import { listElements, listHasToken, TOKEN } from "./http_list.ts";
import { isAuthority } from "./request_target.ts";

/** Values by name in lower case; repeated ones joined by commas. */
export type HandshakeHeaders = Readonly<Record<string, string>>;

/** With the host of a target that brings its own, for which `Host` is ignored. */
export function withHost(headers: HandshakeHeaders, host: string): HandshakeHeaders {
  const { host: given } = headers;
  if (given === undefined || given === host) return headers;
  // A URL may leave the default port out.
  return URL.parse(`http://${given}`)?.host === URL.parse(`http://${host}`)?.host
    ? headers
    : { ...headers, host };
}

/** How a URL says that it was reached; of plain HTTP a proxy may have ended TLS before it. */
export function schemeOf(url: string): "https" | undefined {
  return url.startsWith("https:") ? "https" : undefined;
}

/** A handshake, whatever server it came to. */
export interface Handshake {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: HandshakeHeaders;
  /** As in `RequestInfo`. */
  readonly scheme?: "http" | "https" | undefined;
  readonly ownHosts?: readonly string[] | undefined;
  /** For a check of the application; made when it asks. */
  toRequest(): Request;
}

/** A handshake that is refused, as the HTTP answer to it. */
export interface Refusal {
  readonly status: number;
  /** Text of the body: what was wrong and what was expected. */
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>> | readonly HeaderLine[];
  /** Few words for the metrics, where the status does not say enough. */
  readonly cause?: string;
}

/** A refusal of what is no handshake. */
export function badRequest(why: string): Refusal {
  return { status: 400, reason: `Cannot upgrade: ${why}` };
}

/** Refusals that say nothing of the request. */
export const REFUSALS = Object.freeze(
  {
    failed: { status: 500, reason: "Cannot upgrade: the handshake failed" },
  } as const satisfies Record<string, Refusal>,
);

/** Time after which a client may ask again, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/** A refusal for now; `cause` is for the metrics. */
export function unavailable(why: string, cause: string): Refusal {
  return {
    status: 503,
    reason: `Cannot upgrade: ${why}`,
    cause,
    headers: { "retry-after": String(RETRY_AFTER_SECONDS) },
  };
}

/** Bounds of the header block. */
export const HANDSHAKE_LIMITS: Readonly<{ headerBytes: number; headers: number }> = Object.freeze({
  headerBytes: 16_384,
  headers: 100,
});

const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Whether a value of the header `Upgrade` has `websocket` in its list. */
export function asksForWebSocket(upgrade: string | undefined): boolean {
  return listHasToken(upgrade, "websocket");
}

/**
 * Says why a request cannot be upgraded; `undefined` if it can.
 *
 * Origin, limits and targets are looked at elsewhere.
 */
export function refuseHandshake(method: string, headers: HandshakeHeaders): Refusal | undefined {
  if (method !== "GET") {
    const reason = `Cannot upgrade: got method ${method}, expected GET`;
    return { status: 405, reason, headers: { allow: "GET" } };
  }
  return refuseSize(headers) ?? refuseHost(headers) ?? refuseUpgrade(headers) ??
    refuseKey(headers) ?? refuseProtocols(headers);
}

/** Refuses a header block by its number of lines, where that is known. */
export function tooManyHeaders(count: number): Refusal | undefined {
  const { headers: most } = HANDSHAKE_LIMITS;
  if (count <= most) return undefined;
  return { status: 431, reason: `Cannot upgrade: got ${count} headers, expected at most ${most}` };
}

function refuseSize(headers: HandshakeHeaders): Refusal | undefined {
  let count = 0;
  let bytes = 0;
  for (const name in headers) {
    count++;
    bytes += name.length + headers[name]!.length + 4;
  }
  const { headers: most, headerBytes } = HANDSHAKE_LIMITS;
  if (bytes <= headerBytes) return tooManyHeaders(count);
  const reason = `Cannot upgrade: got ${count} headers of ${bytes} bytes, ` +
    `expected at most ${most} of ${headerBytes} bytes`;
  return { status: 431, reason };
}

/**
 * Repeated ones come joined by a comma (RFC 9112, section 3.2). Over HTTP/2 there is none,
 * and no upgrade either: that is what is told.
 */
function refuseHost(headers: HandshakeHeaders): Refusal | undefined {
  const { host = null } = headers;
  if (host === null && headers["upgrade"] === undefined) return undefined;
  if (host !== null && isAuthority(host)) return undefined;
  return badRequest(`got Host ${JSON.stringify(host)}, expected one host`);
}

function refuseUpgrade(headers: HandshakeHeaders): Refusal | undefined {
  if (!asksForWebSocket(headers["upgrade"])) {
    return upgradeRequired('the header "Upgrade: websocket" is missing');
  }
  if (!listHasToken(headers["connection"], "upgrade")) {
    return upgradeRequired('the header "Connection: Upgrade" is missing');
  }
  const version = headers["sec-websocket-version"] ?? null;
  if (version === "13") return undefined;
  return upgradeRequired(`got WebSocket version ${JSON.stringify(version)}, expected "13"`);
}

function upgradeRequired(why: string): Refusal {
  return {
    status: 426,
    reason: `Cannot upgrade: ${why}`,
    headers: { upgrade: "websocket", connection: "Upgrade", "sec-websocket-version": "13" },
  };
}

function refuseKey(headers: HandshakeHeaders): Refusal | undefined {
  const key = headers["sec-websocket-key"] ?? null;
  if (key !== null && KEY.test(key)) return undefined;
  const got = `got Sec-WebSocket-Key ${JSON.stringify(key)}`;
  return badRequest(`${got}, expected 16 bytes in base64`);
}

/** Offered subprotocols are tokens, each once (RFC 6455, section 4.1). */
function refuseProtocols(headers: HandshakeHeaders): Refusal | undefined {
  const offered = listElements(headers["sec-websocket-protocol"]);
  if (offered.length === 0) return undefined;
  if (offered.every((protocol) => TOKEN.test(protocol)) && isUnique(offered)) return undefined;
  return badRequest("Invalid Sec-WebSocket-Protocol header");
}

function isUnique(elements: readonly string[]): boolean {
  return new Set(elements).size === elements.length;
}

/** The lines of a refusal's headers. */
export function headerLines(headers: Refusal["headers"] = []): readonly HeaderLine[] {
  return Array.isArray(headers) ? headers : Object.entries(headers);
}

/** Whether the client offers a subprotocol. */
export function offersSubprotocol(headers: HandshakeHeaders, protocol: string): boolean {
  return listElements(headers["sec-websocket-protocol"]).includes(protocol);
}

/** The first of the server's subprotocols that the client offers; empty if none. */
export function negotiateSubprotocol(
  supported: readonly string[],
  headers: HandshakeHeaders,
): string {
  if (supported.length === 0) return "";
  const offered = new Set(listElements(headers["sec-websocket-protocol"]));
  return supported.find((protocol) => offered.has(protocol)) ?? "";
}
