/**
 * An echo server with the library: one process that answers every connection.
 *
 * Run it with `deno run --allow-net --allow-env examples/echo.ts [PORT]`, then connect a
 * WebSocket client to the address that it prints. Ctrl-C ends it in order.
 *
 * @module
 */

import {
  createHandler,
  createNode,
  type FromConnection,
  isDataMessage,
  listen,
  type Process,
  untilSignalled,
} from "@troupe/troupe";

const handler = createHandler();

async function echo(self: Process<FromConnection>): Promise<void> {
  self.spawnMeta(handler);
  for await (const { message } of self) {
    if (!isDataMessage(message)) continue;
    self.send(message.id, { kind: "message", type: message.type, body: message.body });
  }
}

const node = createNode();
node.spawn(echo, { name: "echo" });

const port = Number(Deno.args[0] ?? 8080);
const listener = await listen({ "/": handler }, { port });
console.log(`Listening on http://127.0.0.1:${listener.addr.port}/`);
await untilSignalled();
await node.stop();
await listener.shutdown();
