/**
 * Numbers of a cluster: every size and time that its rooms decide by.
 *
 * @module
 */

/** Bounds of what crosses a link. */
export const WIRE_LIMITS = Object.freeze({
  /** Deepest nesting of one batch, its own two arrays included. */
  maxDepth: 64,
  /** Largest batch that is made, in bytes. */
  batchBytes: 262_144,
  /**
   * Largest single envelope with its head, in bytes; one over it cannot be sent. The broker's
   * default limit; less where the broker takes less.
   */
  envelopeBytes: 1_048_576,
  /** A measured message takes at most so many times what was measured. */
  measureFactor: 3,
  /** What the head of a batch takes at most, in bytes. */
  headBytes: 33,
});

/** Credit of one peer. */
export const CREDIT = Object.freeze({
  bytes: 4_194_304,
  envelopes: 10_000,
  /** System messages that pass without credit. */
  systemReserve: 1_000,
});

/** When a peer is thought to live, in milliseconds. */
export const REACHABILITY = Object.freeze({
  heartbeatMs: 1_000,
  /** Nothing heard for so long: two heartbeats are missing. */
  probeAfterMs: 2_000,
  /** Nothing that was said was confirmed for so long: a heartbeat more than `probeAfterMs`. */
  unconfirmedAfterMs: 3_000,
  downAfterMs: 10_000,
});

/** How long a node owns its name without renewing it. */
export interface LeaseLimits {
  /** Time to live in the store, in milliseconds: 10 s on one broker, 30 s on a cluster of them. */
  readonly ttlMs: number;
  /** Between two renewals, in milliseconds. */
  readonly renewMs: number;
  /** Since the last good renewal was sent, in milliseconds: from then on the node is isolated. */
  readonly isolatedAfterMs: number;
}

/** Limits of a lease, from its time to live: renewed at 1/5 of it, isolated at 2/3. */
export function leaseLimits(ttlMs: number): LeaseLimits {
  return { ttlMs, renewMs: Math.floor(ttlMs / 5), isolatedAfterMs: Math.floor(ttlMs * 2 / 3) };
}

/**
 * The lease of a thread in a program without a broker: it lasts as long as the thread, and who
 * keeps it is told when that ends. Those that start together wait for each other for a moment.
 */
export const OWNED_FOR_LIFE: LeaseLimits = Object.freeze({
  ttlMs: 500,
  renewMs: 10_000,
  isolatedAfterMs: Infinity,
});

/** Bounds of keyed placement. */
export const PLACEMENT = Object.freeze({
  shards: 1_024,
  /** Shards that one node moves at a time. */
  maxMoving: 64,
  drainMs: 5_000,
  /** Of that, for the others to say that they send no more. */
  barrierMs: 1_000,
  /** Of that, for what is left behind to be carried over. */
  carryMs: 500,
  /** Largest state that one process hands over, in bytes. */
  stateBytes: 1_048_576,
  /** Messages kept for one moving shard. */
  parkedMessages: 1_000,
  parkedMs: 5_000,
});
