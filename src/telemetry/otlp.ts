/**
 * Export of traces and metrics by OpenTelemetry's own SDK.
 *
 * Deno's exporter is there only where `OTEL_DENO` was set when the program was
 * started by `deno run`; into an executable it is fixed when that is compiled.
 *
 * @module
 */

import { diag, DiagLogLevel, metrics, trace } from "@opentelemetry/api";
import type { Sampler, TracerProvider as SdkTracerProvider } from "@opentelemetry/sdk-trace";
import type { MeterProvider as SdkMeterProvider } from "@opentelemetry/sdk-metrics";
import { getLogger } from "./logs/logger.ts";
import { type ExportPlan, type OtlpEncoding, planExport, type SamplerPlan } from "./otlp_plan.ts";
import type { MeterProvider, TracerProvider } from "./providers.ts";

const log = getLogger(["troupe", "telemetry"]);

/** Least time between two lines that say the same, such as that there is no receiver. */
const COMPLAINT_PERIOD_MS = 60_000;

/** Complaints that are remembered. */
const MOST_COMPLAINTS = 32;

/** Longest time for the last spans and metrics, however long there may be, in milliseconds. */
const MOST_FLUSH_MS = 3_000;

/** Where spans and metrics go, if they are exported. */
export interface OtlpExport {
  /** Absent: somebody else has the traces, or nobody wants them. */
  readonly tracerProvider?: TracerProvider;
  /** Absent: the same of metrics. */
  readonly meterProvider?: MeterProvider;
  /**
   * Sends what is left and ends the export, within the given time and at most
   * three seconds; false if that was too short. Never rejects.
   */
  shutdown(timeoutMs: number): Promise<boolean>;
}

/** Options of {@linkcode startOtlpExport}. */
export interface OtlpOptions {
  /** Variables of the environment; the SDK reads its own from the process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Version of the service. */
  readonly version: string;
}

/**
 * Starts to export what `OTEL_EXPORTER_OTLP_ENDPOINT` asks for, and registers
 * it as the global providers; `undefined` if it asks for nothing, or if global
 * providers are there already, such as Deno's.
 */
export async function startOtlpExport(options: OtlpOptions): Promise<OtlpExport | undefined> {
  const plan = planExport(options.environment, findExported());
  for (const problem of plan.problems) log.warn(problem);
  const { traces, metrics: metricsEncoding } = plan;
  if (traces === undefined && metricsEncoding === undefined) return undefined;
  reportTroubles();
  const resource = await createResource(options.version);
  const tracerProvider = traces && await createTracerProvider(plan, traces, resource);
  const meterProvider = metricsEncoding &&
    await createMeterProvider(plan, metricsEncoding, resource);
  if (tracerProvider) trace.setGlobalTracerProvider(tracerProvider);
  if (meterProvider) metrics.setGlobalMeterProvider(meterProvider);
  log.info("Exporting traces {traces}, metrics {metrics}", {
    traces: traces ?? "not",
    metrics: metricsEncoding ?? "not",
  });
  const providers = [tracerProvider, meterProvider].filter((each) => each !== undefined);
  return {
    ...tracerProvider && { tracerProvider },
    ...meterProvider && { meterProvider },
    async shutdown(timeoutMs) {
      const ending = Promise.all(providers.map((provider) => provider.shutdown()));
      const mostMs = Math.round(Math.min(timeoutMs, MOST_FLUSH_MS));
      const isDone = await within(ending, mostMs);
      if (!isDone) log.warn("The last traces and metrics were not sent in {mostMs} ms", { mostMs });
      if (tracerProvider) trace.disable();
      if (meterProvider) metrics.disable();
      return isDone;
    },
  };
}

/** What the API hands out while nobody has registered a provider. */
function findExported() {
  const tracer = trace.getTracerProvider();
  const isProxy = "getDelegate" in tracer;
  const delegate = isProxy ? (tracer as { getDelegate(): object }).getDelegate() : tracer;
  return {
    traces: delegate.constructor.name !== "NoopTracerProvider",
    metrics: metrics.getMeterProvider().constructor.name !== "NoopMeterProvider",
  };
}

type Resource = Awaited<ReturnType<typeof createResource>>;

async function createResource(version: string) {
  const {
    defaultResource,
    detectResources,
    resourceAttributesEnvDetector,
    resourceFromAttributes,
    serviceNameEnvDetector,
  } = await import("@opentelemetry/resources");
  const ours = resourceFromAttributes({ "service.name": "troupe", "service.version": version });
  // The later one wins: OTEL_SERVICE_NAME over OTEL_RESOURCE_ATTRIBUTES over ours.
  const detectors = [resourceAttributesEnvDetector, serviceNameEnvDetector];
  return defaultResource().merge(ours).merge(detectResources({ detectors }));
}

async function createTracerProvider(
  { sampler, times, batches }: ExportPlan,
  encoding: OtlpEncoding,
  resource: Resource,
): Promise<SdkTracerProvider> {
  const [sdk, { OTLPTraceExporter }] = await Promise.all([
    import("@opentelemetry/sdk-trace"),
    encoding === "json"
      ? import("@opentelemetry/exporter-trace-otlp-http")
      : import("@opentelemetry/exporter-trace-otlp-proto"),
  ]);
  const processor = new sdk.BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    scheduledDelayMillis: times.spanDelayMs,
    exportTimeoutMillis: times.spanTimeoutMs,
    maxQueueSize: batches.queuedSpans,
    maxExportBatchSize: batches.spans,
  });
  return new sdk.TracerProvider({
    resource,
    sampler: createSampler(sdk, sampler),
    spanProcessors: [processor],
  });
}

function createSampler(
  sdk: typeof import("@opentelemetry/sdk-trace"),
  { parentBased, root: kind, ratio }: SamplerPlan,
): Sampler {
  const root = kind === "always_on"
    ? new sdk.AlwaysOnSampler()
    : kind === "always_off"
    ? new sdk.AlwaysOffSampler()
    : new sdk.TraceIdRatioBasedSampler(ratio);
  return parentBased ? new sdk.ParentBasedSampler({ root }) : root;
}

async function createMeterProvider(
  { times }: ExportPlan,
  encoding: OtlpEncoding,
  resource: Resource,
): Promise<SdkMeterProvider> {
  const [sdk, { OTLPMetricExporter }] = await Promise.all([
    import("@opentelemetry/sdk-metrics"),
    encoding === "json"
      ? import("@opentelemetry/exporter-metrics-otlp-http")
      : import("@opentelemetry/exporter-metrics-otlp-proto"),
  ]);
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: times.metricPeriodMs,
    exportTimeoutMillis: times.metricTimeoutMs,
  });
  return new sdk.MeterProvider({ resource, readers: [reader] });
}

/** Whether a complaint is to be logged: not if it differs in numbers alone from a recent one. */
export function createComplaintFilter(now: () => number): (text: string) => boolean {
  const silentUntilMs = new Map<string, number>();
  return (text) => {
    const kind = text.replaceAll(/\d+/g, "0");
    const nowMs = now();
    if (nowMs < (silentUntilMs.get(kind) ?? -Infinity)) return false;
    if (silentUntilMs.size >= MOST_COMPLAINTS) silentUntilMs.clear();
    silentUntilMs.set(kind, nowMs + COMPLAINT_PERIOD_MS);
    return true;
  };
}

/** Lets the SDK's complaints be logged, each once a minute: a receiver may be away for long. */
function reportTroubles(): void {
  const isWorthALine = createComplaintFilter(() => performance.now());
  const complain = (text: string) => {
    if (!isWorthALine(readable(text))) return;
    log.warn("The export of traces and metrics has trouble: {problem}", {
      problem: readable(text),
    });
  };
  const ignore = () => {};
  const logger = { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

/** The SDK hands errors over as JSON, with the stack. */
function readable(text: string): string {
  try {
    return String(JSON.parse(text).message ?? text);
  } catch {
    return text;
  }
}

/** Whether the work ended well in time. */
async function within(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, timeoutMs));
  });
  const done = work.then(() => true, () => false);
  return await Promise.race([done, late]).finally(() => clearTimeout(timer));
}
