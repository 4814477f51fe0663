/**
 * Cluster: the actors of other nodes, reached as those of this one.
 *
 * @module
 */

export { linkNodes, type MemoryLink, type MemoryLinkOptions } from "./links/memory.ts";
