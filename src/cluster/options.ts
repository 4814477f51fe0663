/**
 * Options of a node's part in a cluster.
 *
 * @module
 */

import { optionNames } from "../text/mod.ts";
import type { NatsOptions } from "./nats/options.ts";

/** Options of {@linkcode joinCluster}. */
export interface ClusterOptions {
  /** Name of the cluster: letters, digits, `_` and `-`. Its nodes have it in common. */
  readonly name: string;
  /** The broker between the nodes. */
  readonly nats?: NatsOptions | undefined;
  /**
   * Instead of `nats`: the connection that the threads of a program have in common, as a worker
   * is given it.
   */
  readonly machine?: MessagePort | undefined;
  /**
   * What becomes of global processes, keyed ones among them, when this node cannot renew its
   * lease: `"stop"` ends them before another node may start them; `"keep"` keeps them until one
   * has: more than one may run. Default `"stop"`.
   */
  readonly whenIsolated?: "stop" | "keep";
  /**
   * Refuses a broker without JetStream, which global names and keyed processes need. Default
   * false: they need it then.
   */
  readonly requireJetStream?: boolean;
  /**
   * How long this node owns its name without renewing it, in milliseconds, in whole seconds.
   * Default: 10 s, 30 s on a cluster of brokers. The same on every node.
   */
  readonly leaseMs?: number | undefined;
  /**
   * Directory where it is noted that a start of this node has ended, so that the next one on
   * this machine has its name at once. Default: none; then it waits until the lease has ended.
   */
  readonly stateDirectory?: string | undefined;
}

/** All of them. */
export const CLUSTER_OPTIONS: readonly string[] = optionNames<ClusterOptions>({
  name: true,
  nats: true,
  machine: true,
  whenIsolated: true,
  requireJetStream: true,
  leaseMs: true,
  stateDirectory: true,
});

/** What names of clusters look like. */
export const CLUSTER_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Bounds of `leaseMs`. */
export const LEASE_MS = Object.freeze({
  one: 10_000,
  cluster: 30_000,
  least: 3_000,
  most: 600_000,
});

/**
 * Checks options.
 *
 * @throws {TypeError} If the name has another form, or not one of broker and machine is given.
 * @throws {RangeError} If the lease is out of its range.
 */
export function assertClusterOptions({ name, leaseMs, nats, machine }: ClusterOptions): void {
  if (!CLUSTER_NAME.test(name)) {
    throw new TypeError(
      `Cannot join cluster ${JSON.stringify(name)}: expected a name of 1 to 64 letters, digits, ` +
        '"_" and "-"',
    );
  }
  if ((nats === undefined) === (machine === undefined)) {
    const given = nats === undefined ? "neither of" : "both";
    throw new TypeError(
      `Cannot join cluster ${name}: ${given} nats and machine are given, expected one of them`,
    );
  }
  if (leaseMs === undefined) return;
  const { least, most } = LEASE_MS;
  if (leaseMs >= least && leaseMs <= most && leaseMs % 1_000 === 0) return;
  throw new RangeError(
    `Cannot join a cluster: leaseMs is ${leaseMs}, expected whole seconds from ${least} to ${most}`,
  );
}
