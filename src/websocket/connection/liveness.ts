/**
 * When a connection is pinged and when it is given up, as values (seeds 001 and
 * 003: PingPeriod, PongTimeout, ReadTimeout, WriteTimeout).
 *
 * @module
 */

/** Time limits of a connection, in milliseconds; 0 is off. */
export interface LivenessLimits {
  readonly pingPeriodMs: number;
  readonly pongTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
}

/** What is known of a connection, in milliseconds of the node's clock. */
export interface LivenessFacts {
  /** Anything arrived: a message, a ping or a pong. */
  readonly heardMs: number;
  /** A message arrived. */
  readonly messageMs: number;
  /** The last ping left. */
  readonly pingedMs: number;
  /** Since when bytes have been waiting without any leaving; `undefined` if none wait. */
  readonly blockedSinceMs: number | undefined;
}

/** What is to be done now. */
export type LivenessVerdict = "ok" | "ping" | "noPong" | "readTimeout" | "writeTimeout";

/** Judges a connection. A limit that is reached counts as passed. */
export function judgeLiveness(
  facts: LivenessFacts,
  limits: LivenessLimits,
  nowMs: number,
): LivenessVerdict {
  const { pingPeriodMs, pongTimeoutMs, readTimeoutMs, writeTimeoutMs } = limits;
  const blockedMs = nowMs - (facts.blockedSinceMs ?? nowMs);
  if (writeTimeoutMs > 0 && blockedMs >= writeTimeoutMs) return "writeTimeout";
  if (pingPeriodMs > 0 && nowMs - facts.heardMs >= pongTimeoutMs) return "noPong";
  if (readTimeoutMs > 0 && nowMs - facts.messageMs >= readTimeoutMs) return "readTimeout";
  // A peer that was heard in the meantime is known to live.
  const quietSinceMs = Math.max(facts.heardMs, facts.pingedMs);
  return pingPeriodMs > 0 && nowMs - quietSinceMs >= pingPeriodMs ? "ping" : "ok";
}

/**
 * How often connections are to be judged: often enough that none outlives a
 * limit by more than a tenth of it, at most every 10 ms and at least every second.
 *
 * @returns Milliseconds; `undefined` if every limit is off.
 */
export function judgeEveryMs(limits: LivenessLimits): number | undefined {
  const active = [
    limits.readTimeoutMs,
    limits.writeTimeoutMs,
    ...(limits.pingPeriodMs > 0 ? [limits.pingPeriodMs, limits.pongTimeoutMs] : []),
  ].filter((limit) => limit > 0);
  if (active.length === 0) return undefined;
  return Math.min(1_000, Math.max(10, Math.min(...active) / 10));
}
