/**
 * A node of a cluster in a process of its own, for tests that kill it.
 *
 * Usage: `node_program.ts NAME NATS_URL LEASE_MS LOG`. The global process `clock` writes lines
 * `MS NAME FENCE` into the log while it may.
 *
 * @module
 */

import { createNode } from "../../src/actor/mod.ts";
import { joinCluster } from "../../src/cluster/mod.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";

const [name = "", servers = "", leaseMs = "", file = ""] = Deno.args;
const WRITE_MS = 20;

configureLogs({ level: "info", format: "text" });
const node = createNode({ name });
const cluster = await joinCluster(node, {
  name: "test",
  nats: { servers },
  leaseMs: Number(leaseMs),
});

node.spawn(async (self) => {
  for await (const { message, reply } of self) reply?.(message);
}, { name: "echo" });

cluster.spawnGlobal("clock", async (self) => {
  while (!self.signal.aborted) {
    // The moment of asking is noted: it may be stopped between that and the writing.
    const nowMs = Date.now();
    const fence = cluster.fenceOf("clock");
    if (fence === self.env.fence) {
      Deno.writeTextFileSync(file, `${nowMs} ${name} ${fence}\n`, { append: true });
    }
    await new Promise((resolve) => setTimeout(resolve, WRITE_MS));
  }
});

Deno.addSignalListener("SIGTERM", async () => {
  await cluster.leave();
  await node.stop();
  Deno.exit(0);
});
console.log("joined");
