/** Subject: Troupe in each role; arguments: engine, role, and "deflate". @module */

import { echo } from "../../../src/behaviors/echo.ts";
import { createEventServer } from "../../../src/doors/events.ts";
import type { EngineName, FromConnection } from "../../../src/doors/websocket.ts";
import {
  type Alias,
  createHandler,
  createNode,
  isConnect,
  isDataMessage,
  isDisconnect,
  type Process,
} from "../../../src/mod.ts";
import { listen } from "./listen.ts";

const [engine, role, deflate] = Deno.args as [EngineName, string, string?];
const node = createNode();

/** Sends everybody what anybody sends. */
async function broadcast(self: Process<FromConnection>): Promise<void> {
  const connections = new Set<Alias>();
  for await (const { message } of self) {
    if (isConnect(message)) connections.add(message.id);
    else if (isDisconnect(message)) connections.delete(message.id);
    else if (isDataMessage(message)) {
      const outgoing = { kind: "message", type: message.type, body: message.body } as const;
      self.sendAll(connections, outgoing);
    }
  }
}

function serveRooms(): void {
  const ws = createEventServer();
  ws.onConnection((connection) => {
    let room = "";
    connection.on("join", (_, name) => {
      room = String(name);
      connection.join(room);
      connection.emit("joined", room);
    });
    connection.on("news", (_, text) => void connection.to(room).emit("news", text));
  });
  node.spawn(ws.run);
  listen(engine, { fetch: ws.handler, upgrade: ws.handleUpgrade });
}

function serveHandler(): void {
  const pool = role === "echo" ? ["echo_1", "echo_2", "echo_3"] : ["broadcast"];
  for (const name of pool) {
    if (role === "echo") node.spawn(echo, { name });
    else node.spawn(broadcast, { name });
  }
  const handler = createHandler({
    pool,
    maxConnections: 100_000,
    // While others are measured nobody would answer a ping in time.
    pingPeriodMs: 600_000,
    pongTimeoutMs: 1_200_000,
    compression: deflate === "deflate",
  });
  node.spawn(async (self) => {
    self.spawnMeta(handler);
    for await (const _ of self);
  });
  listen(engine, handler);
}

if (role === "rooms") serveRooms();
else serveHandler();
