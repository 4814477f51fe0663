/**
 * The plan by which open connections are closed.
 *
 * @module
 */

import type { Clock } from "../time/mod.ts";

/** Time between two batches, in milliseconds. */
export const BATCH_INTERVAL_MS = 100;

/** Waits for the next batch. */
export function nextBatch(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.setTimeout(resolve, BATCH_INTERVAL_MS));
}

/**
 * Splits `count` connections into batches of nearly equal size, one every
 * {@linkcode BATCH_INTERVAL_MS}, the last one no later than `spreadMs`.
 *
 * @returns The size of each batch; empty if there is nothing to close.
 */
export function planBatches(count: number, spreadMs: number): number[] {
  const batches = Math.min(count, Math.max(1, Math.floor(spreadMs / BATCH_INTERVAL_MS)));
  return Array.from(
    { length: batches },
    (_, index) => Math.floor((index + 1) * count / batches) - Math.floor(index * count / batches),
  );
}
