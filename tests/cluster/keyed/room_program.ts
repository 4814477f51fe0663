/**
 * A node with rooms for connections, in a process of its own, for tests that end it.
 *
 * Usage: `room_program.ts NAME NATS_URL LEASE_MS LOG`. A room tells each member its place in the
 * list of all that was said, and what it was; it writes lines `MS NAME FENCE` into the log while
 * it may.
 *
 * @module
 */

import { type Address, createNode, keyed, type Process } from "../../../src/actor/mod.ts";
import { joinCluster } from "../../../src/cluster/mod.ts";
import { listen } from "../../../src/server/mod.ts";
import { configureLogs } from "../../../src/telemetry/mod.ts";
import { createHandler, isConnect, isDisconnect, text } from "../../../src/websocket/mod.ts";

const [name = "", servers = "", leaseMs = "", file = ""] = Deno.args;

configureLogs({ level: "info", format: "text" });
const node = createNode({ name });
const cluster = await joinCluster(node, {
  name: "test",
  nats: { servers },
  leaseMs: Number(leaseMs),
});

async function room(self: Process): Promise<void> {
  const lines = self.handover as string[] ?? [];
  const members = new Set<Address>();
  self.onHandover(() => lines);
  for await (const { message, reply } of self) {
    const { id, body } = message as { id: Address; body: string };
    if (reply !== undefined) reply([self.node, lines, members.size]);
    else if (isConnect(message)) {
      members.add(id);
      self.send(id, text(`joined ${self.node} ${self.env.fence} ${lines.length}`));
    } else if (isDisconnect(message)) members.delete(id);
    else {
      // The moment of asking is noted: it may be stopped between that and the writing.
      const nowMs = Date.now();
      const fence = cluster.fenceOf(self.name!);
      if (fence === self.env.fence) {
        Deno.writeTextFileSync(file, `${nowMs} ${name} ${fence}\n`, { append: true });
      }
      lines.push(body);
      for (const each of members) self.send(each, text(`${lines.length} ${body}`));
    }
  }
}

cluster.spawnKeyed(keyed("room", room));
const handler = createHandler({ target: "room/:name", targetLost: "next" });
node.spawnMeta(handler);
const listener = await listen({ "/rooms/:name": handler }, { port: 0 });

Deno.addSignalListener("SIGTERM", async () => {
  await handler.drain({ spreadMs: 0 });
  await cluster.leave();
  await node.stop();
  await listener.shutdown();
  Deno.exit(0);
});
console.log(`joined http://127.0.0.1:${listener.addr.port}/`);
