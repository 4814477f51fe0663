/**
 * Rendezvous hashing: which node comes first for a key, agreed without a word.
 *
 * @module
 */

import xxhash from "xxhash-wasm";
import { PLACEMENT } from "./limits.ts";

/** Hashes text to 64 bits. */
export type Hash = (text: string) => bigint;

/** Loads the hash; the same on every node. */
export async function loadHash(): Promise<Hash> {
  const { h64 } = await xxhash();
  return (text) => h64(text);
}

/** Nodes in the order in which they come for a key. Without a node, only its keys move. */
export function rendezvous(key: string, nodes: Iterable<string>, hash: Hash): string[] {
  const scored = Array.from(nodes, (node) => ({ node, score: hash(`${node}\n${key}`) }));
  scored.sort((a, b) =>
    a.score === b.score ? (a.node < b.node ? -1 : 1) : a.score > b.score ? -1 : 1
  );
  return scored.map(({ node }) => node);
}

/** Shard of a key of a keyed process, 0 to 1,023. */
export function shardOf(key: string, hash: Hash): number {
  return Number(hash(key) % BigInt(PLACEMENT.shards));
}
