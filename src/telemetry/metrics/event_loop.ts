/**
 * Watches how late the event loop is.
 *
 * @module
 */

import { getLogger } from "../logs/logger.ts";
import type { Telemetry } from "../telemetry.ts";

const log = getLogger(["troupe", "telemetry"]);

/** Options of {@linkcode watchEventLoop}. */
export interface EventLoopOptions {
  /** Where it is reported. */
  readonly telemetry: Pick<Telemetry, "lagged">;
  /** Default: the system's. */
  readonly clock?: EventLoopClock;
}

/** The clock and timers that are watched. */
export interface EventLoopClock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls back once, later. */
  setTimeout(callback: () => void, delayMs: number): ReturnType<typeof setTimeout>;
  /** Takes a timer back. */
  clearTimeout(timer: ReturnType<typeof setTimeout>): void;
}

/** How often the event loop is looked at, and what lag is logged, in milliseconds. */
export const EVENT_LOOP_DEFAULTS: Readonly<{ periodMs: number; warnMs: number }> = Object.freeze({
  periodMs: 500,
  warnMs: 500,
});

const SYSTEM: EventLoopClock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * Reports how late a timer fires, again and again, until the returned function
 * is called. A lag of half a second or more is logged when it is over: while
 * something occupies the thread, nothing on it can speak.
 */
export function watchEventLoop({ telemetry, clock = SYSTEM }: EventLoopOptions): () => void {
  const { periodMs, warnMs } = EVENT_LOOP_DEFAULTS;
  let timer: ReturnType<typeof setTimeout>;
  function watch(): void {
    const dueMs = clock.now() + periodMs;
    timer = clock.setTimeout(() => {
      const lagMs = Math.max(0, clock.now() - dueMs);
      telemetry.lagged(lagMs);
      if (lagMs >= warnMs) {
        log.warn("The event loop was blocked for {lagMs} ms: something computed without a pause", {
          lagMs: Math.round(lagMs),
        });
      }
      watch();
    }, periodMs);
  }
  watch();
  return () => clock.clearTimeout(timer);
}
