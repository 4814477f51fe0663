/**
 * Cluster: the actors of other nodes, reached as those of this one.
 *
 * What a cluster decides by are plain functions, `(state, event, now)` to the
 * next state and what is to be done; carriers and the store stand at the edge.
 *
 * @module
 */

export { linkNodes, type MemoryLink, type MemoryLinkOptions } from "./links/memory.ts";
export type { Link, LinkHandlers } from "./links/link.ts";
