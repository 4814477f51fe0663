/**
 * Where the shards of keyed processes belong, and which of them may move now.
 *
 * @module
 */

import { PLACEMENT } from "./limits.ts";
import { fromToken, toToken } from "./nats/subjects.ts";
import { type Hash, rendezvous } from "./rendezvous.ts";

/**
 * Key of a shard in the store. Each name has shards of its own: not every node has the
 * processes of every name.
 */
export function shardKey(group: string, shard: number): string {
  return `k.${toToken(group)}.${shard}`;
}

/** Which shard a key in the store is that of; `undefined`: of none. */
export function parseShardKey(key: string): { group: string; shard: number } | undefined {
  const [, token, digits] = /^k\.([^.]+)\.([0-9]{1,4})$/.exec(key) ?? [];
  const shard = Number(digits);
  return token !== undefined && shard < PLACEMENT.shards
    ? { group: fromToken(token), shard }
    : undefined;
}

/** The node that each shard of a name belongs to, by its number; empty without a node. */
export function placeShards(
  group: string,
  nodes: readonly string[],
  hash: Hash,
): readonly string[] {
  if (nodes.length === 0) return [];
  return Array.from(
    { length: PLACEMENT.shards },
    (_, shard) => rendezvous(shardKey(group, shard), nodes, hash)[0]!,
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
  if (owners.length === 0) return [];
  const misplaced = held.filter((shard) => owners[shard] !== self).toSorted((a, b) => a - b);
  return misplaced.slice(0, Math.max(0, PLACEMENT.maxMoving - moving));
}
