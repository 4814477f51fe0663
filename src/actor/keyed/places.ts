/**
 * Keyed processes that are placed over several nodes: how a cluster moves those of one node.
 *
 * @module
 */

import type { Peer } from "../peer.ts";

/** Why no process can be had for a key. */
export type KeyRefusal = "unknown" | "terminated" | "full";

type Env = Readonly<Record<string, unknown>>;

/** How the processes of a name are placed. */
export interface KeyPlaces {
  /** The part of all keys that moves with this one, a number from 0. */
  shardOf(key: string): number;
  /** What a process of a shard has as `env`, from what all of them have. */
  envOf(env: Env, shard: number): Env;
}

/** What a process has left for the one that goes on in its place. */
export interface HandedOver {
  readonly key: string;
  /** Plain data. */
  readonly state: unknown;
}

/** The keyed processes that a node has of one name. */
export interface KeyedProcesses {
  /** The process of a key, started if there is none. */
  locate(key: string): Peer | KeyRefusal;
  /** The process of a key, if there is one. */
  peek(key: string): Peer | undefined;
  /** As `locate`, started with what was handed over. */
  adopt(key: string, state: unknown): Peer | KeyRefusal;
  /**
   * Ends those of a shard when they have handled what they were sent, at the latest after
   * `timeoutMs`; gives what they leave.
   */
  handOver(shard: number, timeoutMs: number): Promise<HandedOver[]>;
  /** Ends those of a shard now. */
  end(shard: number): void;
}
