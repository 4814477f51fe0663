/**
 * Where the shards of keyed processes belong, and which of them may move now.
 *
 * @module
 */

import { PLACEMENT } from "./limits.ts";
import { type Hash, rendezvous } from "./rendezvous.ts";

/** Key of a shard in the store. */
export function shardKey(shard: number): string {
  return `k.${shard}`;
}

/** The node that each shard belongs to, by its number; empty without a node. */
export function placeShards(nodes: readonly string[], hash: Hash): readonly string[] {
  if (nodes.length === 0) return [];
  return Array.from(
    { length: PLACEMENT.shards },
    (_, shard) => rendezvous(shardKey(shard), nodes, hash)[0]!,
  );
}

/**
 * Which of its shards a node gives away now: those that belong elsewhere, in
 * order, as long as not more than 64 are on their way.
 */
export function chooseMoves(
  held: readonly number[],
  owners: readonly string[],
  self: string,
  moving: number,
): readonly number[] {
  const misplaced = held.filter((shard) => owners[shard] !== self).toSorted((a, b) => a - b);
  return misplaced.slice(0, Math.max(0, PLACEMENT.maxMoving - moving));
}
