/**
 * A node becomes a member of a cluster.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import { assertOptions } from "../text/mod.ts";
import { assertClusterOptions, CLUSTER_OPTIONS, type ClusterOptions } from "./options.ts";
import type { Cluster } from "./types.ts";

/**
 * Makes a node a member of a cluster: the actors of its nodes are sent to, called, linked and
 * monitored by their addresses, or as `{ name, node }`.
 *
 * A broker that is away is no error: the node works alone, and joins when there is one.
 *
 * @throws {ClusterError} If the broker is there and cannot be used, or another node has the name.
 * @throws {TypeError} If the name of the cluster has another form, there is no such option, or
 * not one of a broker and a machine is given.
 * @throws {RangeError} If the lease is out of its range.
 *
 * @example
 * ```ts
 * import { createNode } from "@troupe/troupe";
 * import { joinCluster } from "@troupe/troupe/cluster";
 *
 * await using node = createNode({ name: "one@host" });
 * const options = { name: "demo", nats: { servers: "nats://127.0.0.1:4222" } };
 * await using cluster = await joinCluster(node, options);
 * console.log(cluster.trouble ?? "connected");
 * ```
 */
export async function joinCluster(node: Node, options: ClusterOptions): Promise<Cluster> {
  assertOptions("join a cluster", options, CLUSTER_OPTIONS);
  assertClusterOptions(options);
  // The client of the broker is loaded by those who need it.
  const { Member } = await import("./member.ts");
  return await Member.join(node, options);
}
