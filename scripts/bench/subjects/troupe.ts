/** Subject: Troupe's echo behind a pool of three; arguments: engine, and "silent". @module */

import { echo } from "../../../src/behaviors/echo.ts";
import { createHandler, createNode } from "../../../src/mod.ts";
import type { EngineName } from "../../../src/doors/websocket.ts";
import { SILENT_TELEMETRY } from "../../../src/telemetry/silent.ts";
import { listen } from "./listen.ts";

const engine = (Deno.args[0] ?? "native") as EngineName;
const node = createNode(Deno.args[1] === "silent" ? { telemetry: SILENT_TELEMETRY } : {});
const pool = ["echo_1", "echo_2", "echo_3"];
for (const name of pool) node.spawn(echo, { name });
const handler = createHandler({ pool, maxConnections: 100_000 });
node.spawn(async (self) => {
  self.spawnMeta(handler);
  for await (const _ of self);
});
listen(engine, handler);
