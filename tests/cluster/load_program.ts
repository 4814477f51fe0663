/**
 * A node under load in a process of its own, for tests that end it.
 *
 * Usage: `load_program.ts NAME NATS_URL`. Its processes send to the sinks of other nodes, and what
 * clients say at `/load` is sent on to them. At SIGTERM it leaves and prints its last report.
 *
 * @module
 */

import { createNode } from "../../src/actor/mod.ts";
import { joinCluster } from "../../src/cluster/mod.ts";
import { listen } from "../../src/server/mod.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";
import { createHandler } from "../../src/websocket/mod.ts";
import { Load } from "./load.ts";

const [name = "", servers = ""] = Deno.args;

configureLogs({ level: "info", format: "text" });
const node = createNode({ name });
const cluster = await joinCluster(node, { name: "test", nats: { servers } });
const load = new Load(node, cluster);
const handler = createHandler({ target: "gate" });
node.spawnMeta(handler);
const listener = await listen({ "/load": handler }, { port: 0 });

Deno.addSignalListener("SIGTERM", async () => {
  await handler.drain({ spreadMs: 0 });
  load.stop();
  await cluster.leave();
  await node.stop();
  await listener.shutdown();
  console.log(`report ${JSON.stringify(load.report())}`);
  Deno.exit(0);
});
console.log(`joined http://127.0.0.1:${listener.addr.port}/`);
