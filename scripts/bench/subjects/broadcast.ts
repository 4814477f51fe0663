/** Subject: every message goes to every connection; the engine is the argument. @module */

import {
  type Alias,
  createHandler,
  createNode,
  isConnect,
  isDataMessage,
  isDisconnect,
} from "../../../src/mod.ts";
import type { EngineName } from "../../../src/doors/websocket.ts";
import { listen } from "./listen.ts";

const engine = (Deno.args[0] ?? "native") as EngineName;
const node = createNode();
const connections = new Set<Alias>();
node.spawn(async (self) => {
  for await (const { message } of self) {
    if (isConnect(message)) connections.add(message.id);
    else if (isDisconnect(message)) connections.delete(message.id);
    else if (isDataMessage(message)) {
      const outgoing = { kind: "message", body: message.body } as const;
      for (const id of connections) self.send(id, outgoing);
    }
  }
}, { name: "broadcaster" });
const handler = createHandler({ pool: ["broadcaster"], maxConnections: 100_000 });
node.spawn(async (self) => {
  self.spawnMeta(handler);
  for await (const _ of self);
});
listen(engine, handler);
