/**
 * The handshake of a client, by npm `ws`.
 *
 * @module
 */

import type { ClientRequest, IncomingMessage } from "node:http";
import { quote } from "../../text/mod.ts";
import { PatientTimer } from "../../time/mod.ts";
import {
  DialHandshakeError,
  DialRefusedError,
  DialStatusError,
  DialTimeoutError,
} from "../dial/errors.ts";
import type { Socket } from "../socket.ts";
import { OwnedWebSocket, toMaxPayload, WsSocket } from "./ws.ts";

/** What is asked of the server. */
export interface DialRequest {
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: boolean;
  readonly handshakeTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly closeTimeoutMs: number;
  readonly ca: string | undefined;
  readonly rejectUnauthorized: boolean;
}

/** A completed handshake. */
export interface Dialed {
  readonly socket: Socket;
  /** Negotiated subprotocol; empty if none. */
  readonly protocol: string;
  /** Headers of the server's answer, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `ip:port` of the server. */
  readonly remoteAddr: string;
  /** `ip:port` of this end. */
  readonly localAddr: string;
}

/** Dials; the socket is paused until it is read. */
export function dialWs(request: DialRequest): Promise<Dialed> {
  const { url, handshakeTimeoutMs } = request;
  const { promise, resolve, reject } = Promise.withResolvers<Dialed>();
  const webSocket = createWebSocket(request);
  let response: IncomingMessage | undefined;
  webSocket.once("upgrade", (answer: IncomingMessage) => response = answer);
  webSocket.once("open", () => resolve(toDialed(webSocket, response!)));
  webSocket.once(
    "unexpected-response",
    (clientRequest: ClientRequest, answer: IncomingMessage) => {
      const { statusCode = 0 } = answer;
      if (statusCode === 101) reject(new DialHandshakeError(url, notUpgraded(answer)));
      else reject(new DialStatusError(url, statusCode));
      clientRequest.destroy();
    },
  );
  // It stays: what is terminated may still fail, with nobody else to hear of it.
  webSocket.on("error", (error: Error & { code?: string }) => {
    if (isOfAnswer(error.code)) reject(new DialHandshakeError(url, error));
    else reject(new DialRefusedError(url, error));
  });
  // That of `ws` starts again with each byte of the answer.
  const timer = new PatientTimer(() => {
    reject(new DialTimeoutError(url, handshakeTimeoutMs));
    webSocket.terminate();
  }, handshakeTimeoutMs);
  return promise.finally(() => timer[Symbol.dispose]());
}

function createWebSocket(request: DialRequest): OwnedWebSocket {
  return new OwnedWebSocket(
    request.url,
    [...request.protocols],
    {
      headers: request.headers,
      autoPong: false,
      perMessageDeflate: request.compression,
      maxPayload: toMaxPayload(request.maxMessageBytes),
      closeTimeout: request.closeTimeoutMs,
      ca: request.ca,
      rejectUnauthorized: request.rejectUnauthorized,
    } as ConstructorParameters<typeof OwnedWebSocket>[2],
  );
}

/** What keeps a 101 from being an upgrade to WebSocket (RFC 6455, section 4.1). */
function notUpgraded({ headers: { upgrade, connection } }: IncomingMessage): Error {
  const isWebSocket = upgrade?.toLowerCase() === "websocket";
  const [name, got, expected] = isWebSocket
    ? ["Connection", connection, "Upgrade"]
    : ["Upgrade", upgrade, "websocket"];
  const shown = got === undefined ? `no ${name} header` : `${name} ${quote(got)}`;
  return new Error(`the server answered 101 with ${shown}, expected ${quote(expected!)}`);
}

/** Whether an error is of the answer: those of `ws` have no code, the HTTP parser's its own. */
function isOfAnswer(code: string | undefined): boolean {
  return code === undefined || code.startsWith("HPE_");
}

function toDialed(webSocket: OwnedWebSocket, { socket: tcp, headers }: IncomingMessage): Dialed {
  webSocket.pause();
  const pairs = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return {
    headers: Object.fromEntries(pairs),
    socket: new WsSocket(webSocket, tcp),
    protocol: webSocket.protocol,
    remoteAddr: formatEnd(tcp.remoteAddress, tcp.remotePort),
    localAddr: formatEnd(tcp.localAddress, tcp.localPort),
  };
}

function formatEnd(address = "", port = 0): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
