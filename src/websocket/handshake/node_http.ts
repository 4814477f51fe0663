/**
 * Handshakes of `node:http`: its requests as handshakes, refusals on its sockets.
 *
 * @module
 */

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { STATUS_TEXT } from "@std/http/status";
import type { RequestInfo } from "../handler_types.ts";
import type { HeaderLine } from "../options.ts";
import {
  badRequest,
  type Handshake,
  type HandshakeHeaders,
  headerLines,
  type Refusal,
  schemeOf,
  withHost,
} from "./handshake.ts";
import { readTarget, type RequestTarget } from "./request_target.ts";

/** The handshake in a request, or why there can be none. */
export function toHandshake(
  incoming: IncomingMessage,
  { scheme, ownHosts }: Pick<RequestInfo, "scheme" | "ownHosts"> = {},
): Handshake | Refusal {
  const { method = "", httpVersion } = incoming;
  if (httpVersion !== "1.1") return badRequest(`got HTTP/${httpVersion}, expected HTTP/1.1`);
  const target = targetOf(incoming);
  if ("wrong" in target) return badRequest(target.wrong);
  const { url } = target;
  const headers = withHost(joinRepeated(incoming.headers), target.host);
  const known = scheme ?? schemeOf(url);
  const toRequest = () => new Request(url, { method, headers });
  return { method, url, headers, scheme: known, ownHosts, toRequest };
}

/**
 * Target and host of a request of `node:http`, which passes on what is no host,
 * and of several `Host` headers the first.
 */
export function targetOf(
  { method, url = "", socket, headers, rawHeaders }: IncomingMessage,
): RequestTarget {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  if (hosts > 1) return { wrong: `got ${hosts} Host headers, expected one` };
  const isSecure = "encrypted" in socket && socket.encrypted === true;
  const target = method === "OPTIONS" && url === "*" ? "/*" : url;
  return readTarget(target, headers.host, isSecure ? "https" : "http");
}

/** What Node leaves as a list becomes one value. */
function joinRepeated(headers: IncomingHttpHeaders): HandshakeHeaders {
  const joined: Record<string, unknown> = { ...headers };
  for (const name in joined) {
    const value = joined[name];
    if (Array.isArray(value)) joined[name] = value.join(", ");
  }
  return joined as HandshakeHeaders;
}

const PLAIN_TEXT: HeaderLine = ["content-type", "text/plain;charset=UTF-8"];

/**
 * Writes the HTTP answer to a refused handshake and closes the socket.
 *
 * @param method Of the request: the answer to `HEAD` has no body.
 */
export function refuseOnSocket(
  tcp: Duplex,
  { status, reason, headers }: Refusal,
  method?: string,
): void {
  if (tcp.destroyed) return;
  const body = `${reason}\n`;
  const given = headerLines(headers).filter(([name]) => name !== "connection");
  const fields: HeaderLine[] = [
    ...given,
    ["connection", "close"],
    ...given.some(([name]) => name === "content-type") ? [] : [PLAIN_TEXT],
    ["content-length", String(new TextEncoder().encode(body).byteLength)],
  ];
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${statusText(status)}\r\n${lines.join("")}\r\n`;
  // A peer that does not read its refusal is not waited for.
  tcp.once("finish", () => tcp.destroy());
  tcp.end(method === "HEAD" ? head : head + body);
}

function statusText(status: number): string {
  return (STATUS_TEXT as Readonly<Record<number, string>>)[status] ?? "";
}
