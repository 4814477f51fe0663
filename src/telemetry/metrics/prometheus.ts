/**
 * Metrics as Prometheus reads them.
 *
 * @module
 */

import { getLogger } from "../logs/logger.ts";
import type { MeterProvider } from "../providers.ts";

const log = getLogger(["troupe", "telemetry"]);

/** A meter provider whose metrics are read as text. */
export interface Prometheus {
  /** To be given to `createTelemetry`. */
  readonly meterProvider: MeterProvider;
  /** All metrics in Prometheus' text format 0.0.4. */
  read(): Promise<string>;
}

/**
 * Creates a meter provider that needs no exporter, by OpenTelemetry's own SDK
 * and serializer: what `/metrics` says and what is exported cannot differ in
 * name, unit or meaning.
 *
 * Loaded when it is called, because not every program wants it.
 */
export async function createPrometheus(): Promise<Prometheus> {
  const [{ PrometheusSerializer }, { MeterProvider, MetricReader }] = await Promise.all([
    import("@opentelemetry/exporter-prometheus"),
    import("@opentelemetry/sdk-metrics"),
  ]);
  class PullReader extends MetricReader {
    protected onShutdown(): Promise<void> {
      return Promise.resolve();
    }
    protected onForceFlush(): Promise<void> {
      return Promise.resolve();
    }
  }
  const reader = new PullReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  // No timestamps, and no lines about the process and the library.
  const serializer = new PrometheusSerializer("", false, undefined, true, true);
  return {
    meterProvider,
    async read() {
      const { resourceMetrics, errors } = await reader.collect();
      for (const error of errors) log.error("A metric was not collected: {error}", { error });
      return serializer.serialize(resourceMetrics);
    },
  };
}
