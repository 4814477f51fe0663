import { upgradeNative } from "../../src/websocket/engines/native.ts";
import { negotiateSubprotocol } from "../../src/websocket/handshake/handshake.ts";
import { NATIVE_SHORTCOMINGS } from "../../src/websocket/mod.ts";
import type { Socket } from "../../src/websocket/socket.ts";
import { inDeadline } from "../../src/testing/deadline.ts";
import type { HandshakeParts } from "../../src/testing/handshake.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { NATIVE_INSTEADS } from "./contract/native_insteads.ts";
import { type SocketEnds, testEngine } from "./engine_contract.ts";
import { listenNative, serveHandler } from "./stage.ts";

testEngine({
  engine: "native",
  shortcomings: NATIVE_SHORTCOMINGS,
  insteads: NATIVE_INSTEADS,
  serve: serveHandler,
  connect,
});

async function connect(
  parts: HandshakeParts & { readonly timeoutMs?: number } = {},
): Promise<SocketEnds> {
  const opened = Promise.withResolvers<Socket>();
  const { port, shutdown } = listenNative({
    fetch(request, info) {
      const protocol = negotiateSubprotocol(["chat"], Object.fromEntries(request.headers));
      const upgrade = upgradeNative(request, { protocol, peer: info?.remoteAddr });
      upgrade.opened.then(opened.resolve, opened.reject);
      return Promise.resolve(upgrade.response);
    },
  });
  const client = await RawClient.open({ port, ...parts });
  const socket = await inDeadline("the upgrade", opened.promise);
  return {
    socket,
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      // Whatever the test has left, the socket ends with its peer.
      for await (const _ of socket);
      await shutdown();
    },
  };
}
