/**
 * A `node:http` server on loopback for handlers.
 *
 * @module
 */

import {
  createServer,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Handler, RequestInfo } from "../../src/websocket/mod.ts";

/** A server that listens. */
export interface NodeListener {
  readonly port: number;
  /** Stops to listen and drops what is open. */
  shutdown(): Promise<void>;
}

/** Gives upgrades and requests to the handler; `settings` are those of Node. */
export async function listenOnNode(
  handler: Pick<Handler, "fetch" | "upgrade">,
  settings: ServerOptions = {},
): Promise<NodeListener> {
  const server = createServer(settings, (incoming, response) => {
    void respond(handler.fetch(toRequest(incoming), infoOf(incoming)), response);
  });
  server.maxHeadersCount = 0;
  server.on("upgrade", (incoming, tcp, head) => {
    handler.upgrade(incoming, tcp, head, infoOf(incoming));
  });
  const started = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", 4_096, started.resolve);
  await started.promise;
  return {
    port: (server.address() as AddressInfo).port,
    shutdown() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function infoOf({ socket }: IncomingMessage): RequestInfo {
  const { remoteAddress = "", remotePort = 0 } = socket;
  return { remoteAddr: { transport: "tcp", hostname: remoteAddress, port: remotePort } };
}

function toRequest({ method, url = "/", headers }: IncomingMessage): Request {
  const pairs = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return new Request(`http://${headers.host ?? "localhost"}${url}`, {
    method,
    headers: new Headers(pairs as [string, string][]),
  });
}

async function respond(answer: Promise<Response>, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await answer;
  response.writeHead(status, Object.fromEntries(headers));
  response.end(body === null ? "" : await new Response(body).text());
}
