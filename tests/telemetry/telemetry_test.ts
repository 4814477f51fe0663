import { type MeterProvider, metrics } from "@opentelemetry/api";
import { assert, assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { readPrometheus } from "../helpers/prometheus.ts";
import { createNode } from "../../src/actor/mod.ts";
import { createPrometheus, createTelemetry, METRICS, SPANS } from "../../src/telemetry/mod.ts";

async function stage() {
  const prometheus = await createPrometheus();
  const telemetry = createTelemetry({ meterProviders: [prometheus.meterProvider] });
  return { telemetry, read: async () => readPrometheus(await prometheus.read()) };
}

Deno.test("createTelemetry() counts the same to each provider, once for each reading", async () => {
  const providers = [await createPrometheus(), await createPrometheus()];
  const telemetry = createTelemetry({
    meterProviders: providers.map(({ meterProvider }) => meterProvider),
  });
  const meter = telemetry.endpoint("/a");
  assert(telemetry.endpoint("/a") === meter, "the same name gave another meter");
  meter.opened();
  meter.received("abc");
  meter.sent(new Uint8Array(5));
  meter.dropped(1);
  meter.slow();
  telemetry.called(20, "ok");
  telemetry.lagged(1);
  const labels = { endpoint: "/a" };
  for (const { read } of [...providers, ...providers]) {
    const reading = readPrometheus(await read());
    for (const name of ["connections", "messages_received", "messages_sent", "messages_dropped"]) {
      assertEquals(reading.value(`troupe_${name}_total`, labels), 1, name);
    }
    assertEquals(reading.value("troupe_consumers_slow_total", labels), 1);
    assertEquals(reading.value("troupe_connections_active", labels), 1);
    assertEquals(reading.value("troupe_bytes_received_total", labels), 3);
    assertEquals(reading.value("troupe_bytes_sent_total", labels), 5);
    assertEquals(reading.count("troupe_call_duration", { outcome: "ok" }), 1);
    assertEquals(reading.count("troupe_event_loop_lag"), 1);
  }
});

Deno.test("started and start timestamp fall back to 0 at the stop", async () => {
  const { telemetry, read } = await stage();
  telemetry.started();
  assertEquals((await read()).value("troupe_started"), 1);
  telemetry.stopped();
  const after = await read();
  assertEquals([after.value("troupe_started"), after.value("troupe_start_timestamp")], [0, 0]);
});

Deno.test("nodes made after a global meter provider was set report to it", async () => {
  await using earlier = createNode();
  const prometheus = await createPrometheus();
  metrics.setGlobalMeterProvider(prometheus.meterProvider as MeterProvider);
  try {
    await using node = createNode();
    const echo = node.spawn(async (self) => {
      for await (const { reply } of self) reply?.(1);
    });
    await node.call(echo, "a");
    assert(earlier.incarnation !== node.incarnation);
    const reading = readPrometheus(await prometheus.read());
    assertEquals(reading.count("troupe_call_duration", { outcome: "ok" }), 1);
  } finally {
    metrics.disable();
  }
});

Deno.test("mailbox depth and overflows are those of the node, by kind and name", async () => {
  const { telemetry, read } = await stage();
  await using node = createNode({ telemetry });
  const gate = Promise.withResolvers<void>();
  const slow = node.spawn(async (self) => {
    for await (const _ of self) await gate.promise;
  }, { name: "slow", mailboxSize: 3 });
  await settle();
  for (let i = 0; i < 6; i++) node.send(slow, i);
  const reading = await read();
  const labels = { kind: "process", process: "slow" };
  // One is being handled, three wait, two were refused.
  assertEquals(reading.value("troupe_mailbox_depth", labels), 3);
  assertEquals(reading.value("troupe_mailbox_overflows_total", labels), 2);
  gate.resolve();
  await node.stop();
  const after = await read();
  assertEquals(after.value("troupe_mailbox_depth", labels) ?? 0, 0);
  assertEquals(after.value("troupe_mailbox_overflows_total", labels), 2);
});

Deno.test("mailboxes of more names than the bound are summed", async () => {
  const { telemetry, read } = await stage();
  telemetry.watchMailboxes(() =>
    Array.from({ length: 1000 }, (_, i) => ({ kind: "process", process: `p${i}`, depth: 1 }))
  );
  const { families } = await read();
  const depths = families.find(({ name }) => name === "troupe_mailbox_depth")!.metrics;
  assert(depths.length <= 65, String(depths.length));
  assertEquals(depths.reduce((sum, { value }) => sum + Number(value), 0), 1000);
});

Deno.test("span() is undefined while nobody has registered a provider", () => {
  assertEquals(createTelemetry().span("start"), undefined);
});

Deno.test("the tables name each span and metric once", () => {
  for (const table of [METRICS, SPANS]) {
    const names = Object.values(table).map(({ name }) => name);
    assertEquals(new Set(names).size, names.length);
  }
  for (const { name } of Object.values(METRICS)) assert(name.startsWith("troupe."), name);
  // Seed 004.
  const seed = ["connections", "connectionsActive", "startTimestamp", "started"] as const;
  assertEquals(seed.map((key) => METRICS[key].kind), ["counter", "updown", "gauge", "gauge"]);
});
