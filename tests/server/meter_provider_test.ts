import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { fetchMetrics } from "../helpers/prometheus.ts";
import { ask, open } from "./stage.ts";

/** A provider as a program sets one up, whose metrics can be looked at. */
function createCollector() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    provider,
    /** Values by `name endpoint`, of those with a plain number. */
    async read(): Promise<Map<string, number>> {
      exporter.reset();
      await provider.forceFlush();
      const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap(({ metrics }) => metrics)
      );
      return new Map(
        metrics.flatMap(({ descriptor, dataPoints }) =>
          dataPoints.filter(({ value }) => typeof value === "number").map((
            { value, attributes },
          ) => [`${descriptor.name} ${attributes.endpoint ?? ""}`, value as number])
        ),
      );
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}

Deno.test("serve() with a meterProvider gives it the metrics too, up to the stop", async () => {
  await using collector = createCollector();
  const config = parseConfig({
    listen: { hostname: "127.0.0.1", port: 0 },
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/one": { pool: ["echo"] }, "/two": { pool: ["echo"] } },
  });
  const server = await serve(config, { meterProvider: collector.provider });
  await using one = await open(server, "/one");
  await using two = await open(server, "/two");
  for (const text of ["a", "b", "c"]) assertEquals(await ask(one, text), text);

  const metrics = await collector.read();
  assertEquals(metrics.get("troupe.started "), 1);
  assertEquals(metrics.get("troupe.connections.active /one"), 1);
  assertEquals(metrics.get("troupe.messages.received /one"), 3);
  assertEquals(metrics.get("troupe.messages.received /two"), 0);
  const received = (await fetchMetrics(server.addr.port))
    .value("troupe_messages_received_total", { endpoint: "/one" });
  assertEquals(received, 3, "/metrics goes without");

  for (const client of [one, two]) client.close();
  await server[Symbol.asyncDispose]();
  const after = await collector.read();
  assertEquals(after.get("troupe.started "), 0);
  assertEquals(after.get("troupe.connections.active /one"), 0);
});
