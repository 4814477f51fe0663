/** Subject: Troupe's echo behind a pool of three. @module */

import { createHandler, createNode } from "../../../src/mod.ts";
import { echo } from "../../../src/server/echo.ts";

const node = createNode();
const pool = ["echo_1", "echo_2", "echo_3"];
for (const name of pool) node.spawn(echo, { name });
const handler = createHandler({ pool });
node.spawn(async (self) => {
  self.spawnMeta(handler);
  for await (const _ of self);
});
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, handler.fetch);
