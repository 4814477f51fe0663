/** Listens on loopback for a handler, as its engine needs it, and prints the port. @module */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Handler } from "../../../src/mod.ts";
import type { EngineName } from "../../../src/doors/websocket.ts";

/** Time for the header block of a request, in milliseconds. */
const HEADERS_TIMEOUT_MS = 5_000;

/** What there must be of a handler. */
export type Served = Pick<Handler, "fetch" | "upgrade">;

/** Listens and prints the port. */
export function listen(engine: EngineName, handler: Served): void {
  if (engine === "ws") listenOnNode(handler);
  else {
    Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: ({ port }) => console.log(port),
    }, handler.fetch);
  }
}

function listenOnNode(handler: Served): void {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 10,
  });
  server.on("upgrade", (request, tcp, head) => {
    const { remoteAddress = "", remotePort = 0 } = request.socket;
    const remoteAddr = { transport: "tcp", hostname: remoteAddress, port: remotePort } as const;
    handler.upgrade(request, tcp, head, { remoteAddr });
  });
  server.listen(0, "127.0.0.1", 4096, () => {
    console.log((server.address() as AddressInfo).port);
  });
}
