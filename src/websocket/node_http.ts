/**
 * Handshakes of `node:http`: its requests as handshakes, refusals on its sockets.
 *
 * @module
 */

import { type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Handshake, HandshakeHeaders, Refusal } from "./handshake.ts";

/** The handshake in a request, or why there can be none. */
export function toHandshake(incoming: IncomingMessage): Handshake | Refusal {
  const { method = "", url: path = "/", socket } = incoming;
  const malformed = refuseRequest(incoming);
  if (malformed !== undefined) return malformed;
  const headers = joinRepeated(incoming.headers);
  const scheme = "encrypted" in socket && socket.encrypted ? "https" : "http";
  const url = path.startsWith("/") ? `${scheme}://${headers["host"] ?? "localhost"}${path}` : path;
  if (!URL.canParse(url)) return badRequest(JSON.stringify(url), "a URL");
  const toRequest = () => new Request(url, { method, headers });
  return { method, url, headers, toRequest };
}

/** Refuses what Node lets pass: an older HTTP, and more than one Host (RFC 9112, section 3.2). */
function refuseRequest({ httpVersion, rawHeaders }: IncomingMessage): Refusal | undefined {
  if (httpVersion !== "1.1") return badRequest(`HTTP/${httpVersion}`, "HTTP/1.1");
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts > 1 ? badRequest(`${hosts} Host headers`, "one") : undefined;
}

function badRequest(got: string, expected: string): Refusal {
  return { status: 400, reason: `Cannot upgrade: got ${got}, expected ${expected}` };
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

/** Writes the HTTP answer to a refused handshake and closes the socket. */
export function refuseOnSocket(tcp: Duplex, { status, reason, headers }: Refusal): void {
  if (tcp.destroyed) return;
  const body = `${reason}\n`;
  const fields = {
    ...headers,
    connection: "close",
    "content-type": "text/plain;charset=UTF-8",
    "content-length": String(new TextEncoder().encode(body).byteLength),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  // A peer that does not read its refusal is not waited for.
  tcp.once("finish", () => tcp.destroy());
  tcp.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}
