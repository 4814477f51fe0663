/** Subject: Troupe's echo behind a pool of three; the engine is the argument. @module */

import { createHandler, createNode, type EngineName } from "../../../src/mod.ts";
import { echo } from "../../../src/server/echo.ts";
import { listen } from "./listen.ts";

const engine = (Deno.args[0] ?? "auto") as EngineName;
const node = createNode();
const pool = ["echo_1", "echo_2", "echo_3"];
for (const name of pool) node.spawn(echo, { name });
const handler = createHandler({ pool, engine, maxConnections: 100_000 });
node.spawn(async (self) => {
  self.spawnMeta(handler);
  for await (const _ of self);
});
listen(engine, handler);
