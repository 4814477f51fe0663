/**
 * What a message between nodes costs: over NATS beside bare NATS, and between two workers.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { createNode, type Node } from "../../src/actor/mod.ts";
import { joinCluster } from "../../src/cluster/mod.ts";
import { connect } from "../../src/cluster/nats/socket_transport.ts";
import { encodeMessage } from "../../src/cluster/wire.ts";
import { startWorkers } from "../../src/workers/mod.ts";
import { findNatsServer, NatsServer } from "../../tests/helpers/nats_server.ts";
import { Program } from "../../tests/helpers/program.ts";

const MESSAGES = 300_000;
const CALLS = 5_000;
const PEER = fileURLToPath(new URL("./cluster_peer.ts", import.meta.url));
const SINK = { name: "sink", node: "peer@bench" };

/** Prints rates and latencies. */
export async function cluster(): Promise<void> {
  const { executable, name } = await findNatsServer();
  if (executable === undefined) return console.log(`cluster: ${name} cannot be had here`);
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await NatsServer.start({ executable }));
  const peer = stack.use(
    new Program({ args: ["run", "-A", PEER, broker.url], timeoutMs: 120_000 }),
  );
  await peer.find("that it is ready", (line) => line === "ready" || undefined);
  const node = stack.use(createNode({ name: "here@bench" }));
  const member = stack.use(
    await joinCluster(node, { name: "bench", nats: { servers: broker.url } }),
  );
  await member.whenUp("peer@bench");
  const bare = await measureBare(broker.url);
  const over = await measureSend(node);
  console.log(`bare NATS, one publish for each message: ${rate(bare)}`);
  console.log(`send over NATS: ${rate(over)}, ${(over / bare).toFixed(2)} of it`);
  await measureCalls(node);
  await measureWorkers();
}

function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString("en")} messages/s`;
}

/** Messages a second, from the first that is sent to the last that is counted there. */
async function until(count: () => Promise<number>, from: number, startMs: number): Promise<number> {
  while (await count() - from < MESSAGES);
  return MESSAGES / (performance.now() - startMs) * 1_000;
}

async function measureBare(url: string): Promise<number> {
  const connection = await connect({ servers: url.slice("nats://".length) });
  const message = { n: 1_000, text: "sixteen letters." };
  const encoded = encodeMessage({ kind: "message", to: "sink", from: "x" as never, message });
  if (!encoded.ok) throw new Error(encoded.why);
  const count = async () => Number((await connection.request("bare.count")).string());
  const from = await count();
  const startMs = performance.now();
  for (let sent = 0; sent < MESSAGES; sent++) {
    connection.publish("bare", encoded.bytes);
    if (sent % 5_000 === 0) await connection.flush();
  }
  const perSecond = await until(count, from, startMs);
  await connection.close();
  return perSecond;
}

async function measureSend(node: Node): Promise<number> {
  const count = async () => await node.call(SINK, "count") as number;
  const from = await count();
  const startMs = performance.now();
  for (let sent = 0; sent < MESSAGES;) {
    if (node.send(SINK, { n: sent, text: "sixteen letters." }) === "accepted") sent++;
    else await new Promise((resolve) => setTimeout(resolve));
  }
  return await until(count, from, startMs);
}

async function measureCalls(node: Node): Promise<void> {
  const tookMs: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const startMs = performance.now();
    await node.call(SINK, "count");
    tookMs.push(performance.now() - startMs);
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => `${tookMs[Math.floor(CALLS * share)]!.toFixed(2)} ms`;
  console.log(`call over NATS, one after the other: p50 ${at(0.5)}, p99 ${at(0.99)}`);
}

async function measureWorkers(): Promise<void> {
  await using node = createNode({ name: "main@bench" });
  await using _workers = await startWorkers(new URL(`file://${PEER}`), { count: 2, node });
  const to = { name: "sink", node: "main/2@bench" };
  const count = async () => await node.call(to, "count") as number;
  const startMs = performance.now();
  const source = { name: "source", node: "main/1@bench" };
  await node.call(source, { to, messages: MESSAGES }, { timeoutMs: 60_000 });
  console.log(`send between two workers: ${rate(await until(count, 0, startMs))}`);
}
