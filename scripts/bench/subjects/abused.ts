/** Subject: echo and broadcast for the abuse script, on engine `ws`. @module */

import {
  type Alias,
  createHandler,
  createNode,
  isConnect,
  isDataMessage,
  isDisconnect,
} from "../../../src/mod.ts";
import { listen } from "./listen.ts";

/** Length of a broadcast, in bytes, and the time between two, in milliseconds. */
const BROADCAST = { bytes: 16_384, everyMs: 10 } as const;

const node = createNode();

/** Sends everyone back what they sent. */
node.spawn(async (self) => {
  for await (const { message } of self) {
    if (isDataMessage(message)) {
      self.send(message.id, { kind: "message", type: message.type, body: message.body });
    }
  }
}, { name: "echo" });

/** Writes to all of its connections, whether they read or not. */
node.spawn(async (self) => {
  const connections = new Set<Alias>();
  const body = ".".repeat(BROADCAST.bytes);
  self.sendAfter(self.pid, "broadcast", BROADCAST.everyMs);
  for await (const { message } of self) {
    if (isConnect(message)) connections.add(message.id);
    else if (isDisconnect(message)) connections.delete(message.id);
    else if (message === "broadcast") {
      for (const id of connections) self.send(id, { kind: "message", body });
      self.sendAfter(self.pid, "broadcast", BROADCAST.everyMs);
    }
  }
}, { name: "broadcaster" });

const [echo, broadcast] = ["echo", "broadcaster"].map((name) =>
  createHandler({ pool: [name], maxConnections: 100_000 })
);
node.spawn(async (self) => {
  self.spawnMeta(echo!);
  self.spawnMeta(broadcast!);
  for await (const _ of self);
});
listen("ws", {
  ...echo!,
  upgrade(request, tcp, head, info) {
    const handler = request.url === "/broadcast" ? broadcast! : echo!;
    handler.upgrade(request, tcp, head, info);
  },
});
