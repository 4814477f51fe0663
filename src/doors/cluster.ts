/**
 * Cluster: nodes that reach each other's actors, over a NATS server, and workers of one program.
 *
 * | what | names |
 * | --- | --- |
 * | being part of one | `joinCluster`, `Cluster`, `ClusterOptions`, `ClusterError` |
 * | the broker | `NatsOptions`, `NatsTls` |
 * | the other nodes | `ClusterPeer`, `LinkMeter` |
 * | one process for all nodes | `GlobalGroup`, `KeyedGroupOptions` |
 * | threads of one program | `startWorkers`, `Workers`, `runWorker`, `WorkerContext` |
 * | their one connection | `openMachine`, `Machine` |
 * | two nodes of one thread, for tests | `linkNodes`, `MemoryLink` |
 *
 * @example
 * ```ts
 * import { createNode } from "@troupe/troupe";
 * import { joinCluster } from "@troupe/troupe/cluster";
 *
 * await using node = createNode({ name: "one@host" });
 * const nats = { servers: "nats://127.0.0.1:4222" };
 * await using cluster = await joinCluster(node, { name: "demo", nats });
 * console.log(cluster.trouble ?? "connected");
 * ```
 *
 * @module
 */

export {
  type Admission,
  type Cluster,
  ClusterError,
  type ClusterErrorCode,
  type ClusterOptions,
  type ClusterPeer,
  type GlobalGroup,
  joinCluster,
  type KeyedGroupOptions,
  type LinkMeter,
  linkNodes,
  type Machine,
  type MachineOptions,
  type MemoryLink,
  type MemoryLinkOptions,
  type NatsOptions,
  type NatsTls,
  openMachine,
} from "../cluster/mod.ts";
export {
  runWorker,
  startWorkers,
  type WorkerContext,
  type WorkerHandle,
  type Workers,
  type WorkersOptions,
  WorkerStartError,
} from "../workers/mod.ts";
