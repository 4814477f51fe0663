/**
 * Logs, metrics and traces: what Troupe reports, and where to.
 *
 * | what | names |
 * | --- | --- |
 * | logs | `configureLogs`, `LogsOptions`, `Logger` |
 * | what is measured and traced | `METRICS`, `SPANS` |
 * | providers of one's own | `createTelemetry`, `Telemetry` |
 * | the text for Prometheus | `createPrometheus` |
 *
 * @example
 * ```ts
 * import { createNode } from "@troupe/troupe";
 * import { createPrometheus, createTelemetry } from "@troupe/troupe/telemetry";
 *
 * const prometheus = await createPrometheus();
 * const telemetry = createTelemetry({ meterProviders: [prometheus.meterProvider] });
 * await using node = createNode({ telemetry });
 * console.log(await prometheus.read());
 * ```
 *
 * @module
 */

export {
  configureLogs,
  createPrometheus,
  createTelemetry,
  type EndpointMeter,
  LINK_METRICS,
  type LinkMetric,
  type LinkReading,
  type LogFields,
  type LogFormat,
  type Logger,
  type LogLevel,
  type LogLine,
  type LogsHandle,
  type LogsOptions,
  type MailboxDepth,
  type MeterProvider,
  type MetricDefinition,
  type MetricKind,
  type MetricName,
  METRICS,
  type Prometheus,
  type ShardReading,
  type SpanAttributes,
  type SpanDefinition,
  type SpanName,
  type SpanOptions,
  SPANS,
  type Telemetry,
  type TelemetryOptions,
  type Totals,
  type TracerProvider,
  type TraceSpan,
  type WriteBytes,
} from "../telemetry/mod.ts";
