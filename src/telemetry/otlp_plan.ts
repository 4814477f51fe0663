/**
 * What is exported, as OpenTelemetry's environment variables say.
 *
 * @module
 */

/** What the receiver is sent. */
export type OtlpEncoding = "json" | "protobuf";

/** Which spans are recorded, with a share between 0 and 1 of them for `traceidratio`. */
export interface SamplerPlan {
  /** Whether the parent of a span decides first. */
  readonly parentBased: boolean;
  readonly root: "always_on" | "always_off" | "traceidratio";
  readonly ratio: number;
}

/** How long spans and metrics are collected; times are in milliseconds. */
export interface ExportTimes {
  readonly spanDelayMs: number;
  readonly spanTimeoutMs: number;
  readonly metricPeriodMs: number;
  readonly metricTimeoutMs: number;
}

/** How many spans wait to be sent, the others being dropped, and how many are sent at once. */
export interface ExportBatches {
  readonly queuedSpans: number;
  readonly spans: number;
}

/** What is exported, and how. */
export interface ExportPlan {
  /** Absent: no traces. */
  readonly traces?: OtlpEncoding | undefined;
  /** Absent: no metrics. */
  readonly metrics?: OtlpEncoding | undefined;
  readonly sampler: SamplerPlan;
  readonly times: ExportTimes;
  readonly batches: ExportBatches;
  /** What was asked for and is not had, one line each. */
  readonly problems: readonly string[];
}

/** What somebody else exports already, such as Deno with `OTEL_DENO=true`. */
export interface Exported {
  readonly traces: boolean;
  readonly metrics: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Signal = "TRACES" | "METRICS";

const ROOTS: readonly string[] = ["always_on", "always_off", "traceidratio"];
const ENCODINGS: ReadonlyMap<string, OtlpEncoding> = new Map([
  ["http/json", "json"],
  ["http/protobuf", "protobuf"],
]);

/** Reads the variables; an empty one counts as not set. */
export function planExport(environment: Environment, exported: Exported): ExportPlan {
  const problems: string[] = [];
  const valueOf = (...names: string[]): Setting | undefined => {
    const name = names.find((each) => (environment[each] ?? "").trim() !== "");
    return name === undefined ? undefined : { name, value: environment[name]!.trim() };
  };
  const isOff = valueOf("OTEL_SDK_DISABLED")?.value.toLowerCase() === "true";
  const plan = (signal: Signal, isExported: boolean) =>
    isOff || isExported ? undefined : planSignal(signal, valueOf, problems);
  const traces = plan("TRACES", exported.traces);
  const metrics = plan("METRICS", exported.metrics);
  if (traces === undefined && metrics === undefined) {
    return { sampler: SAMPLE_ALL, times: TIMES, batches: BATCHES, problems };
  }
  return {
    traces,
    metrics,
    sampler: planSampler(valueOf, problems),
    times: planTimes(valueOf, problems),
    batches: planBatches(valueOf, problems),
    problems,
  };
}

interface Setting {
  readonly name: string;
  readonly value: string;
}
type ValueOf = (...names: string[]) => Setting | undefined;

const SAMPLE_ALL: SamplerPlan = { parentBased: true, root: "always_on", ratio: 1 };

/** Defaults of OpenTelemetry's specification. */
const TIMES: ExportTimes = {
  spanDelayMs: 5_000,
  spanTimeoutMs: 30_000,
  metricPeriodMs: 60_000,
  metricTimeoutMs: 30_000,
};

const BATCHES: ExportBatches = { queuedSpans: 2_048, spans: 512 };

function planSignal(
  signal: Signal,
  valueOf: ValueOf,
  problems: string[],
): OtlpEncoding | undefined {
  const endpoint = valueOf(
    `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`,
    "OTEL_EXPORTER_OTLP_ENDPOINT",
  );
  if (endpoint === undefined) return undefined;
  const what = signal.toLowerCase();
  const refuse = ({ name }: Setting, why: string) => {
    problems.push(`Cannot export ${what}: ${name} ${why}`);
    return undefined;
  };
  const exporter = valueOf(`OTEL_${signal}_EXPORTER`);
  if (exporter !== undefined && exporter.value !== "otlp") {
    const kinds = exporter.value.split(",").map((kind) => kind.trim());
    if (kinds.includes("none")) return undefined;
    if (!kinds.includes("otlp")) return refuse(exporter, "is none of otlp and none");
  }
  // Not its value, which may hold a password.
  if (!/^https?:$/.test(URL.parse(endpoint.value)?.protocol ?? "")) {
    return refuse(endpoint, "is no URL of http or https");
  }
  const protocol = valueOf(
    `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`,
    "OTEL_EXPORTER_OTLP_PROTOCOL",
  );
  const encoding = ENCODINGS.get(protocol?.value ?? "http/json");
  return encoding ?? refuse(protocol!, `is none of ${[...ENCODINGS.keys()].join(" and ")}`);
}

function planSampler(valueOf: ValueOf, problems: string[]): SamplerPlan {
  const sampler = valueOf("OTEL_TRACES_SAMPLER");
  if (sampler === undefined) return SAMPLE_ALL;
  const [parent = ""] = /^parentbased_/.exec(sampler.value) ?? [];
  const root = sampler.value.slice(parent.length);
  if (!ROOTS.includes(root)) {
    problems.push(
      `Cannot sample by ${sampler.name}: expected ${ROOTS.join(", ")}, or parentbased_ before it`,
    );
    return SAMPLE_ALL;
  }
  const parentBased = parent !== "";
  return { parentBased, root: root as SamplerPlan["root"], ratio: planRatio(valueOf, problems) };
}

function planRatio(valueOf: ValueOf, problems: string[]): number {
  const given = valueOf("OTEL_TRACES_SAMPLER_ARG");
  if (given === undefined) return 1;
  const ratio = Number(given.value);
  if (ratio >= 0 && ratio <= 1) return ratio;
  problems.push(`Cannot use ${given.name}: expected a number from 0 to 1`);
  return 1;
}

/** A whole number above 0. */
function planNumber(
  { name, value }: Partial<Setting>,
  byDefault: number,
  what: string,
  problems: string[],
): number {
  if (value === undefined) return byDefault;
  if (/^\d{1,9}$/.test(value) && Number(value) > 0) return Number(value);
  problems.push(`Cannot use ${name}: expected a number of ${what} above 0`);
  return byDefault;
}

function planTimes(valueOf: ValueOf, problems: string[]): ExportTimes {
  const time = (name: string, byDefault: number) =>
    planNumber(valueOf(name) ?? {}, byDefault, "milliseconds", problems);
  const metricPeriodMs = time("OTEL_METRIC_EXPORT_INTERVAL", TIMES.metricPeriodMs);
  const metricTimeoutMs = time("OTEL_METRIC_EXPORT_TIMEOUT", TIMES.metricTimeoutMs);
  return {
    spanDelayMs: time("OTEL_BSP_SCHEDULE_DELAY", TIMES.spanDelayMs),
    spanTimeoutMs: time("OTEL_BSP_EXPORT_TIMEOUT", TIMES.spanTimeoutMs),
    metricPeriodMs,
    // The SDK throws at one that is longer than the period.
    metricTimeoutMs: Math.min(metricTimeoutMs, metricPeriodMs),
  };
}

function planBatches(valueOf: ValueOf, problems: string[]): ExportBatches {
  const count = (name: string, byDefault: number) =>
    planNumber(valueOf(name) ?? {}, byDefault, "spans", problems);
  const queuedSpans = count("OTEL_BSP_MAX_QUEUE_SIZE", BATCHES.queuedSpans);
  const spans = count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", BATCHES.spans);
  return { queuedSpans, spans: Math.min(spans, queuedSpans) };
}
