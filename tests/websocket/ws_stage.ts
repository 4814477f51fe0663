/**
 * Handlers on engine `ws`, and bare sockets of it, for the tests of this room.
 *
 * @module
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createWsAcceptor, type WsAcceptorOptions } from "../../src/websocket/engines/ws.ts";
import { negotiateSubprotocol } from "../../src/websocket/handshake/handshake.ts";
import { toHandshake } from "../../src/websocket/handshake/node_http.ts";
import { HANDLER_DEFAULTS } from "../../src/websocket/mod.ts";
import type { Socket } from "../../src/websocket/socket.ts";
import { inDeadline } from "../../src/testing/deadline.ts";
import type { HandshakeParts } from "../../src/testing/handshake.ts";
import { listenOnNode } from "../helpers/node_server.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import type { SocketEnds } from "./engine_contract.ts";
import { type Served, serveHandler, type ServeOptions } from "./stage.ts";

/** Longest header block that Node reads, in bytes: longer than a handler accepts. */
const MAX_HEADER_BYTES = 65_536;

/** A handler on engine `ws`; its listener keeps the handshake timeout. */
export function serveWs(options: ServeOptions = {}): Promise<Served> {
  const headersTimeout = options.handshakeTimeoutMs ?? HANDLER_DEFAULTS.handshakeTimeoutMs;
  return serveHandler(
    options,
    (handler) =>
      listenOnNode(handler, {
        headersTimeout,
        requestTimeout: headersTimeout,
        connectionsCheckingInterval: Math.max(10, headersTimeout / 10),
        maxHeaderSize: MAX_HEADER_BYTES,
      }),
  );
}

/** One connection of engine `ws` by both of its ends; there is no handler above. */
export async function connectWs(
  parts: HandshakeParts & { readonly timeoutMs?: number } & Partial<WsAcceptorOptions> = {},
): Promise<SocketEnds> {
  const opened = Promise.withResolvers<Socket>();
  const acceptor = createWsAcceptor({ ...HANDLER_DEFAULTS, closeTimeoutMs: 5_000, ...parts });
  const server = createServer();
  server.on("upgrade", (request, tcp, head) => {
    const handshake = toHandshake(request);
    if ("status" in handshake) return opened.reject(new Error(handshake.reason));
    const protocol = negotiateSubprotocol(["chat"], handshake.headers);
    const refused = (why: string) => opened.reject(new Error(why));
    acceptor.accept(request, tcp, head, { protocol }, opened.resolve, refused);
  });
  const started = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", started.resolve);
  await started.promise;
  const { port } = server.address() as AddressInfo;
  const client = await RawClient.open({ port, ...parts });
  const socket = await inDeadline("the upgrade", opened.promise);
  return {
    socket,
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
