/**
 * Cluster: the actors of other nodes, reached as those of this one.
 *
 * What a cluster decides by are plain functions, `(state, event, now)` to the
 * next state and what is to be done; carriers and the store stand at the edge.
 *
 * @module
 */

export { joinCluster } from "./cluster.ts";
export type { Cluster, ClusterPeer } from "./types.ts";
export { ClusterError, type ClusterErrorCode } from "./errors.ts";
export { linkNodes, type MemoryLink, type MemoryLinkOptions } from "./links/memory.ts";
export { linkPort, type PortLink } from "./links/port.ts";
export {
  type Admission,
  type Machine,
  type MachineOptions,
  openMachine,
} from "./machine/machine.ts";
export type { LinkMeter } from "./meter.ts";
export type { NatsOptions, NatsTls } from "./nats/options.ts";
export type { KeyedGroupOptions } from "./keyed/placements.ts";
export type { GlobalGroup } from "./global_names.ts";
export { CLUSTER_NAME, type ClusterOptions } from "./options.ts";
