/** A `node:http` server on loopback that gives upgrades to a handler. @module */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Handler } from "../../../src/mod.ts";

/** Listens and prints the port. */
export function listenOnNode(handler: Handler): void {
  const server = createServer();
  server.on("upgrade", (request, tcp, head) => {
    const { remoteAddress = "", remotePort = 0 } = request.socket;
    const remoteAddr = { transport: "tcp", hostname: remoteAddress, port: remotePort } as const;
    handler.upgrade(request, tcp, head, { remoteAddr });
  });
  server.listen(0, "127.0.0.1", 4096, () => {
    console.log((server.address() as AddressInfo).port);
  });
}
