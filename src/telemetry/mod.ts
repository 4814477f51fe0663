/**
 * Logs, traces and metrics: names, formats, and where they go.
 *
 * @module
 */

export {
  configureLogs,
  LOG_FORMATS,
  type LogFormat,
  LOGS_DEFAULTS,
  type LogsHandle,
  type LogsOptions,
} from "./logs/configure.ts";
export { LOG_LEVELS, type LogLevel } from "./logs/levels.ts";
export type { LogLine } from "./logs/last_lines.ts";
export { emitForwarded, forwardLogs, type LogForwarding } from "./logs/forward.ts";
export { getLogger, type LogFields, type Logger } from "./logs/logger.ts";
export { writeStdout } from "./logs/stdout.ts";
export { isReaderGone, whenReady, writeAll, type WriteBytes } from "./logs/write_all.ts";
export type { EndpointMeter } from "./metrics/endpoint_meter.ts";
export {
  EVENT_LOOP_DEFAULTS,
  type EventLoopClock,
  type EventLoopOptions,
  watchEventLoop,
} from "./metrics/event_loop.ts";
export { flushMetrics } from "./metrics/flush.ts";
export type { MailboxDepth } from "./metrics/instruments.ts";
export { LINK_METRICS, type LinkMetric, type LinkReading } from "./metrics/link_metrics.ts";
export { SHARD_METRICS, type ShardMetric, type ShardReading } from "./metrics/shard_metrics.ts";
export { mergeMetrics, type ThreadMetrics } from "./metrics/merge.ts";
export { createPrometheus, type Prometheus } from "./metrics/prometheus.ts";
export {
  type MetricDefinition,
  type MetricKind,
  type MetricName,
  METRICS,
  type SpanDefinition,
  type SpanName,
  SPANS,
} from "./names.ts";
export { type OtlpExport, type OtlpOptions, startOtlpExport } from "./otlp.ts";
export type { MeterProvider, TracerProvider } from "./providers.ts";
export {
  createTelemetry,
  SCOPE_NAME,
  sharedTelemetry,
  type Telemetry,
  type TelemetryOptions,
  type Totals,
} from "./telemetry.ts";
export {
  activeTraceparent,
  type SpanAttributes,
  type SpanOptions,
  TraceSpan,
} from "./traces/trace_span.ts";
