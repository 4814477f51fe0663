import { createComplaintFilter } from "../../src/telemetry/otlp.ts";
import { planExport } from "../../src/telemetry/otlp_plan.ts";
import { assertEquals } from "../helpers/assert.ts";

const NOTHING = { traces: false, metrics: false };
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" };

function signalsOf(environment: Record<string, string>, exported = NOTHING) {
  const { traces, metrics, problems } = planExport(environment, exported);
  return [traces, metrics, ...problems];
}

const CASES: readonly [name: string, environment: Record<string, string>, signals: unknown[]][] = [
  ["nothing", {}, [undefined, undefined]],
  ["an empty endpoint", { OTEL_EXPORTER_OTLP_ENDPOINT: " " }, [undefined, undefined]],
  ["an endpoint", ENDPOINT, ["json", "json"]],
  ["an endpoint of traces", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://[::1]/x" }, [
    "json",
    undefined,
  ]],
  ["OTEL_SDK_DISABLED", { ...ENDPOINT, OTEL_SDK_DISABLED: "True" }, [undefined, undefined]],
  ["no traces", { ...ENDPOINT, OTEL_TRACES_EXPORTER: "none" }, [undefined, "json"]],
  ["several exporters", { ...ENDPOINT, OTEL_METRICS_EXPORTER: "prometheus, otlp" }, [
    "json",
    "json",
  ]],
  ["protobuf", { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" }, [
    "protobuf",
    "protobuf",
  ]],
  [
    "a protocol of one signal",
    {
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/json",
    },
    ["protobuf", "json"],
  ],
  ["a protocol that is not had", { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc" }, [
    undefined,
    "json",
    "Cannot export traces: OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is none of http/json and " +
    "http/protobuf",
  ]],
  ["an exporter that is not had", { ...ENDPOINT, OTEL_METRICS_EXPORTER: "console" }, [
    "json",
    undefined,
    "Cannot export metrics: OTEL_METRICS_EXPORTER is none of otlp and none",
  ]],
  ["an endpoint that is no URL", { OTEL_EXPORTER_OTLP_ENDPOINT: "me:secret@host" }, [
    undefined,
    undefined,
    "Cannot export traces: OTEL_EXPORTER_OTLP_ENDPOINT is no URL of http or https",
    "Cannot export metrics: OTEL_EXPORTER_OTLP_ENDPOINT is no URL of http or https",
  ]],
];

for (const [name, environment, signals] of CASES) {
  Deno.test(`planExport() with ${name}`, () => assertEquals(signalsOf(environment), signals));
}

Deno.test("planExport() leaves to others what they export", () => {
  assertEquals(signalsOf(ENDPOINT, { traces: true, metrics: false }), [undefined, "json"]);
  assertEquals(signalsOf(ENDPOINT, { traces: true, metrics: true }), [undefined, undefined]);
});

Deno.test("planExport() reads samplers and times, and says what it cannot use", () => {
  const plan = (environment: Record<string, string>) =>
    planExport({ ...ENDPOINT, ...environment }, NOTHING);
  const byDefault = { parentBased: true, root: "always_on", ratio: 1 };
  assertEquals(plan({}).sampler as unknown, byDefault);
  assertEquals(
    plan({ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" }).sampler,
    { parentBased: false, root: "traceidratio", ratio: 0.25 },
  );
  assertEquals(
    plan({ OTEL_TRACES_SAMPLER: "parentbased_always_off" }).sampler,
    { parentBased: true, root: "always_off", ratio: 1 },
  );
  const odd = plan({
    OTEL_TRACES_SAMPLER: "jaeger_remote",
    OTEL_BSP_SCHEDULE_DELAY: "soon",
    OTEL_METRIC_EXPORT_INTERVAL: "200",
    OTEL_BSP_MAX_QUEUE_SIZE: "100",
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "-1",
  });
  assertEquals(odd.sampler as unknown, byDefault);
  assertEquals(odd.times, {
    spanDelayMs: 5_000,
    spanTimeoutMs: 30_000,
    metricPeriodMs: 200,
    metricTimeoutMs: 200,
  });
  assertEquals(odd.batches, { queuedSpans: 100, spans: 100 });
  assertEquals(odd.problems, [
    "Cannot sample by OTEL_TRACES_SAMPLER: expected always_on, always_off, traceidratio, or " +
    "parentbased_ before it",
    "Cannot use OTEL_BSP_SCHEDULE_DELAY: expected a number of milliseconds above 0",
    "Cannot use OTEL_BSP_MAX_EXPORT_BATCH_SIZE: expected a number of spans above 0",
  ]);
  assertEquals(
    plan({ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" }).problems,
    ["Cannot use OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1"],
  );
});

Deno.test("createComplaintFilter() lets each complaint pass once a minute", () => {
  let nowMs = 0;
  const isWorthALine = createComplaintFilter(() => nowMs);
  const lines = ["dropped 1 span", "dropped 17 span", "refused"].map(isWorthALine);
  assertEquals(lines, [true, false, true]);
  nowMs = 59_999;
  assertEquals(isWorthALine("dropped 2 span"), false);
  nowMs = 60_000;
  assertEquals(isWorthALine("dropped 3 span"), true);
  // What never comes again is forgotten.
  for (let code = 0; code < 40; code++) isWorthALine("x".repeat(code));
  assertEquals(isWorthALine("refused"), true);
});
