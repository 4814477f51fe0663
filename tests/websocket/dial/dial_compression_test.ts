import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { createNode } from "../../../src/actor/mod.ts";
import { isDataMessage } from "../../../src/websocket/mod.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { dial } from "./dial_stage.ts";

/** A server that answers each message with one as long, and lets both ends keep their windows. */
async function serveTakeover() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
  const extensions: string[] = [];
  const received: string[] = [];
  server.on("connection", (socket) => {
    extensions.push(socket.extensions);
    socket.on("message", (data) => {
      received.push(String(data));
      socket.send(String(data).toUpperCase());
    });
  });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    extensions,
    received,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

Deno.test("compression: true talks to a server that keeps its window between messages", async () => {
  await using server = await serveTakeover();
  await using node = createNode();
  const { id, inbox } = await dial(node, { url: server.url, compression: true });
  await inbox.take("connect");
  assertEquals(server.extensions, ["permessage-deflate"]);
  const bodies = Array.from(
    { length: 5 },
    (_, i) => `message ${i}: ${"the same text once more, ".repeat(1_000)}`,
  );
  for (const body of bodies) node.send(id, { kind: "message", body });
  const answers = await inbox.count("message", bodies.length);
  assertEquals(server.received, bodies);
  assertEquals(
    answers.filter(isDataMessage).map(({ body }) => body),
    bodies.map((body) => body.toUpperCase()),
  );
});
