/**
 * Clusters for tests: a broker of one's own, and nodes that have joined it.
 *
 * @module
 */

import { createNode, type Node } from "../../src/actor/mod.ts";
import { type Cluster, type ClusterOptions, joinCluster } from "../../src/cluster/mod.ts";
import { idle } from "../actor/stage.ts";
import { findNatsServer, NatsServer } from "../helpers/nats_server.ts";
import type { Need } from "../helpers/needs.ts";

export const NATS: Need = await findNatsServer();

/** A node and its part in the cluster. */
export interface Joined extends AsyncDisposable {
  readonly node: Node;
  readonly cluster: Cluster;
}

/** Starts a node and makes it a member. */
export async function join(
  name: string,
  servers: string,
  options: Partial<ClusterOptions> = {},
): Promise<Joined> {
  const node = createNode({ name });
  const cluster = await joinCluster(node, { name: "test", nats: { servers }, ...options });
  return {
    node,
    cluster,
    async [Symbol.asyncDispose]() {
      await cluster.leave();
      await node.stop();
    },
  };
}

/** A broker with JetStream, and the folder of its store; perhaps with lines of configuration. */
export async function withBroker(executable: string, config: string = "") {
  const storeDirectory = await Deno.makeTempDir();
  const file = `${storeDirectory}/nats.conf`;
  await Deno.writeTextFile(file, config);
  const args = ["-m", "-1", ...config === "" ? [] : ["--config", file]];
  const broker = await NatsServer.start({ executable, storeDirectory, args });
  return {
    broker,
    url: broker.url,
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      await Deno.remove(storeDirectory, { recursive: true });
    },
  };
}

/** A broker and two nodes that have met. */
export async function openPair(executable: string, config: string = "") {
  const stack = new AsyncDisposableStack();
  const { broker } = stack.use(await withBroker(executable, config));
  const here = stack.use(await join("here@host", broker.url));
  const there = stack.use(await join("there@host", broker.url));
  await meet(here, there);
  return {
    broker,
    here: here.node,
    there: there.node,
    clusters: [here.cluster, there.cluster] as const,
    settle: () => settleBetween(here.node, there.node),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Resolves when each is up for the other. */
export async function meet(one: Joined, other: Joined): Promise<void> {
  await Promise.all([
    one.cluster.whenUp(other.node.name),
    other.cluster.whenUp(one.node.name),
  ]);
}

/** Resolves when what either has said so far has arrived and was handled: twice, for answers. */
export async function settleBetween(one: Node, other: Node): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const [from, to] of [[one, other], [other, one]] as const) {
      const pid = to.spawn(idle);
      await from.inspect(pid);
      await to.exit(pid);
    }
  }
}

/** Resolves when something that other nodes bring about is so: what there is, is asked again. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const untilMs = performance.now() + timeoutMs;
  while (!await isSo()) {
    if (performance.now() > untilMs) throw new Error(`${what} did not happen in ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
