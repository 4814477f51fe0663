/**
 * Logs, traces and metrics: names, formats, and where they go.
 *
 * @module
 */

export { getLogger, type LogFields, type Logger } from "./logger.ts";
export {
  configureLogs,
  LOG_FORMATS,
  LOG_LEVELS,
  type LogFormat,
  type LogLevel,
  LOGS_DEFAULTS,
  type LogsHandle,
  type LogsOptions,
} from "./configure.ts";
export { REDACTED, redactText, redactUrl, withoutUser } from "./redact.ts";
export { writeStdout } from "./stdout.ts";
export { isReaderGone, whenReady, writeAll, type WriteBytes } from "./write_all.ts";
export { escapeControls, quote, showValue } from "./escape.ts";
export type { EndpointMeter } from "./endpoint_meter.ts";
export { flushMetrics } from "./flush.ts";
export {
  EVENT_LOOP_DEFAULTS,
  type EventLoopClock,
  type EventLoopOptions,
  watchEventLoop,
} from "./event_loop.ts";
export type { MailboxDepth } from "./instruments.ts";
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
export { createPrometheus, type Prometheus } from "./prometheus.ts";
export type { MeterProvider, TracerProvider } from "./providers.ts";
export {
  createTelemetry,
  SCOPE_NAME,
  sharedTelemetry,
  type Telemetry,
  type TelemetryOptions,
} from "./telemetry.ts";
export {
  activeTraceparent,
  type SpanAttributes,
  type SpanOptions,
  type TraceSpan,
} from "./trace_span.ts";
