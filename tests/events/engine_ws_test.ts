import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createNode } from "../../src/actor/mod.ts";
import { createEventServer, type EventConnection } from "../../src/events/mod.ts";
import { MESSAGE_TYPE } from "../../src/websocket/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";

/** An event server on engine `ws`. */
async function listen() {
  const ws = createEventServer();
  const node = createNode();
  node.spawn(ws.run);
  const http = createServer();
  http.on("upgrade", (incoming, tcp, head) => {
    const { remoteAddress: hostname = "", remotePort: port = 0 } = incoming.socket;
    ws.handleUpgrade(incoming, tcp, head, {
      remoteAddr: { transport: "tcp", hostname, port },
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    ws,
    open: () => RawClient.open({ port }),
    [Symbol.asyncDispose]: async () => {
      await node.stop();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

Deno.test("server.handleUpgrade speaks events on engine ws, pings and pongs included", async () => {
  await using server = await listen();
  const arrived = Promise.withResolvers<EventConnection>();
  const seen: string[] = [];
  server.ws.onConnection((connection) => {
    const note = (what: string) => (payload: Uint8Array) => {
      seen.push(`${what} ${new TextDecoder().decode(payload)}`);
      connection.emit("seen", seen);
    };
    connection.onPing(note("ping"));
    connection.onPong(note("pong"));
    arrived.resolve(connection);
  });
  await using client = await server.open();
  const connection = await arrived.promise;
  await client.send({ opcode: OPCODE.ping, payload: "1" });
  const pong = await client.readFrame();
  assertEquals([pong?.opcode, await client.readText()], [OPCODE.pong, 'm:seen;4;["ping 1"]']);

  connection.write(MESSAGE_TYPE.ping, "2");
  const ping = await client.readFrame();
  assertEquals([ping?.opcode, new TextDecoder().decode(ping?.payload)], [OPCODE.ping, "2"]);
  await client.send({ opcode: OPCODE.pong, payload: "2" });
  assertEquals(await client.readText(), 'm:seen;4;["ping 1","pong 2"]');

  connection.disconnect(4000, "drain");
  assertEquals(await client.readClose(), { code: 4000, reason: "drain" });
  client.close();
});
