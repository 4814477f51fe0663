/**
 * The last reading of a meter provider.
 *
 * @module
 */

import { metrics } from "@opentelemetry/api";
import { getLogger } from "../logs/logger.ts";
import type { MeterProvider } from "../providers.ts";

const log = getLogger(["troupe", "telemetry"]);

/** Longest time that a provider of the program is waited for, in milliseconds. */
const MOST_MS = 1_000;

/**
 * Has a provider read and send the metrics as they are now, if it can; `undefined`
 * is the global one. Waits for at most `timeoutMs` milliseconds and one second.
 * Never rejects.
 */
export async function flushMetrics(
  provider: MeterProvider = metrics.getMeterProvider(),
  timeoutMs: number,
): Promise<void> {
  const flushing = provider as MeterProvider & { forceFlush?(): Promise<unknown> };
  if (typeof flushing.forceFlush !== "function") return;
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, Math.min(Math.max(0, timeoutMs), MOST_MS));
  try {
    await Promise.race([flushing.forceFlush(), late.promise]);
  } catch (error) {
    log.warn("The last metrics were not sent: {error}", { error });
  } finally {
    clearTimeout(timer);
  }
}
