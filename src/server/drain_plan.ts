/**
 * How the time for draining is divided.
 *
 * @module
 */

/** Parts of a drain, in the order in which they come. */
export interface DrainPlan {
  /** Closing handshakes are started over this time, in milliseconds. */
  readonly spreadMs: number;
  /** Connections may take this long to end, counted from the start of closing. */
  readonly closeMs: number;
  /** Processes may take this long to stop. */
  readonly stopMs: number;
  /** The listener may take this long to finish its last responses. */
  readonly listenerMs: number;
  /** Responses that are on their way may take this part of it. */
  readonly graceMs: number;
}

const SHARES = Object.freeze({ spread: 0.5, close: 0.65, stop: 0.2, listener: 0.1, grace: 0.05 });

/**
 * Divides the time of a drain so that all its parts together stay below it:
 * half of it to spread the closing, the rest for peers that are slow to answer,
 * processes that are slow to stop, and a margin.
 */
export function planDrain(timeoutMs: number): DrainPlan {
  return {
    spreadMs: Math.floor(timeoutMs * SHARES.spread),
    closeMs: Math.floor(timeoutMs * SHARES.close),
    stopMs: Math.floor(timeoutMs * SHARES.stop),
    listenerMs: Math.floor(timeoutMs * SHARES.listener),
    graceMs: Math.floor(timeoutMs * SHARES.grace),
  };
}
