/**
 * What a server reports to, and what `/metrics` says.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import {
  createPrometheus,
  createTelemetry,
  flushMetrics,
  getLogger,
  type MeterProvider,
  type Telemetry,
  type TracerProvider,
  watchEventLoop,
} from "../telemetry/mod.ts";
import { inTime, LATE } from "../time/mod.ts";
import type { Handler } from "../websocket/mod.ts";

const log = getLogger(["troupe", "server"]);

/** Where spans and metrics go. */
export interface InstrumentsOptions {
  /** Default: OpenTelemetry's global provider. */
  readonly tracerProvider?: TracerProvider;
  /** Besides `/metrics`. Default: OpenTelemetry's global provider. */
  readonly meterProvider?: MeterProvider;
  /**
   * Sends the last spans and metrics when the server has stopped. Gets what is
   * left of the drain's time, in milliseconds, and is waited for no longer.
   * Default: `forceFlush` of the meter provider, for at most a second.
   */
  readonly flush?: (timeoutMs: number) => Promise<unknown>;
}

/** The telemetry of one server. */
export interface Instruments {
  readonly telemetry: Telemetry;
  /** Metrics in Prometheus' text format. */
  readonly readMetrics: () => Promise<string>;
  /** Sends the last spans and metrics within the time, and reports no more. Never rejects. */
  readonly close: (timeoutMs: number) => Promise<void>;
}

/** Makes the telemetry of one server, which is read by `/metrics` too. */
export async function createInstruments(options: InstrumentsOptions): Promise<Instruments> {
  const prometheus = await createPrometheus();
  const { tracerProvider, meterProvider } = options;
  const meterProviders = [meterProvider, prometheus.meterProvider];
  const telemetry = createTelemetry({ tracerProvider, meterProviders });
  const { flush = (timeoutMs: number) => flushMetrics(meterProvider, timeoutMs) } = options;
  const close = async (timeoutMs: number) => {
    await flushInTime(flush, timeoutMs);
    telemetry.close();
  };
  return { telemetry, readMetrics: prometheus.read, close };
}

async function flushInTime(
  flush: NonNullable<InstrumentsOptions["flush"]>,
  timeoutMs: number,
): Promise<void> {
  const leftMs = Math.max(0, timeoutMs);
  try {
    if (await inTime(flush(leftMs), leftMs) !== LATE) return;
    log.warn("The last spans and metrics were not sent within {leftMs} ms", { leftMs });
  } catch (error) {
    log.warn("The last spans and metrics were not sent: {error}", { error });
  }
}

/** Starts a server within a span, which says where it listens or what kept it from that. */
export async function traceStart<S extends { readonly addr: Deno.NetAddr }>(
  telemetry: Telemetry,
  node: string,
  start: () => Promise<S>,
): Promise<S> {
  const span = telemetry.span("start", { attributes: { "troupe.node": node } });
  try {
    const server = await start();
    span?.set({ "server.address": server.addr.hostname, "server.port": server.addr.port });
    return server;
  } catch (error) {
    span?.fail((error as Error).message);
    throw error;
  } finally {
    span?.end();
  }
}

/**
 * Reports that a server has started, and how late its event loop is. Returns
 * what stops it within a span and reports that.
 */
export function reportServer(
  telemetry: Telemetry,
  node: Node,
  handlers: readonly Handler[],
): (stop: () => Promise<void>) => Promise<void> {
  telemetry.started();
  const unwatchEventLoop = watchEventLoop({ telemetry });
  return async (stop) => {
    const connections = handlers.reduce((sum, handler) => sum + handler.connections, 0);
    const attributes = { "troupe.node": node.name, "troupe.connections": connections };
    const span = telemetry.span("stop", { attributes });
    await stop();
    unwatchEventLoop();
    telemetry.stopped();
    span?.end();
  };
}
