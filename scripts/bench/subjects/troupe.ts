/** Subject: Troupe's echo behind a pool of three; the engine is the argument. @module */

import { createHandler, createNode, type EngineName } from "../../../src/mod.ts";
import { echo } from "../../../src/server/echo.ts";
import { listenOnNode } from "./node_listener.ts";

const engine = (Deno.args[0] ?? "auto") as EngineName;
const node = createNode();
const pool = ["echo_1", "echo_2", "echo_3"];
for (const name of pool) node.spawn(echo, { name });
const handler = createHandler({ pool, engine, maxConnections: 100_000 });
node.spawn(async (self) => {
  self.spawnMeta(handler);
  for await (const _ of self);
});
if (engine === "ws") listenOnNode(handler);
else {
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, handler.fetch);
}
