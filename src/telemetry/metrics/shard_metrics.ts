/**
 * Metrics of keyed processes that are placed over the nodes of a cluster.
 *
 * @module
 */

import type { MetricDefinition } from "../names.ts";

/** What is read of the shards of one name. */
export interface ShardReading {
  /** Name of the processes. */
  readonly process: string;
  /** Shards that this node has. */
  readonly owned: number;
  /** Shards that came here. */
  readonly movedIn: number;
  /** Shards that went, or were lost. */
  readonly movedOut: number;
  /** Messages that wait for a shard which has no owner at the moment. */
  readonly waiting: number;
  /** Messages that waited in vain, or came to the wrong node. */
  readonly lost: number;
}

/** A metric of shards, with how it is read: one value for each set of further attributes. */
export interface ShardMetric {
  readonly definition: MetricDefinition;
  read(reading: ShardReading): Iterable<readonly [value: number, more: Record<string, string>]>;
}

function metric(
  name: string,
  kind: MetricDefinition["kind"],
  unit: string,
  description: string,
  read: ShardMetric["read"],
  more: readonly string[] = [],
): ShardMetric {
  const attributes = ["process", ...more];
  const full = `troupe.shard.${name}`;
  return { definition: Object.freeze({ name: full, kind, unit, attributes, description }), read };
}

/** Every metric of shards. */
export const SHARD_METRICS: readonly ShardMetric[] = Object.freeze([
  metric(
    "owned",
    "gauge",
    "{shard}",
    "Shards of the keyed processes that this node has, of 1,024.",
    ({ owned }) => [[owned, {}]],
  ),
  metric(
    "moves",
    "counter",
    "{shard}",
    "Shards that came here (`in`), and that went or were lost (`out`).",
    ({ movedIn, movedOut }) => [[movedIn, { direction: "in" }], [movedOut, { direction: "out" }]],
    ["direction"],
  ),
  metric(
    "waiting",
    "gauge",
    "{message}",
    "Messages that wait here for a shard which has no owner at the moment.",
    ({ waiting }) => [[waiting, {}]],
  ),
  metric(
    "lost",
    "counter",
    "{message}",
    "Messages that waited here in vain, or came here for a shard that this node does not have.",
    ({ lost }) => [[lost, {}]],
  ),
]);
