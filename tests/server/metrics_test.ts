import { assert, assertEquals, assertGreaterOrEqual } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { fetchMetrics } from "../helpers/prometheus.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { METRICS } from "../../src/telemetry/mod.ts";
import { ask, captureLogs, open, startServer, statusOf, temporaryFiles } from "./stage.ts";

const CLOSE = { opcode: OPCODE.close, payload: new Uint8Array([3, 232]) };

for (const engine of ["native", "ws"]) {
  Deno.test(`/metrics agrees with what a client of engine ${engine} did`, async () => {
    const beforeSeconds = Date.now() / 1000;
    await using server = await startServer({
      processes: { echo: { behavior: "echo", instances: 3 } },
      endpoints: { "/ws": { pool: ["echo_1", "echo_2", "echo_3"], engine } },
    });
    const { port } = server.addr;
    {
      await using gone = await open(server);
      await gone.send(CLOSE);
      await gone.readClose();
    }
    await using client = await open(server);
    await using other = await open(server);
    assertEquals(await ask(client, "abc"), "abc");
    assertEquals(await ask(client, "h\u00e9 \u{1f600}"), "h\u00e9 \u{1f600}");
    await client.send({ opcode: OPCODE.binary, payload: new Uint8Array(10) });
    await client.readFrame();
    const metrics = await fetchMetrics(port);
    const endpoint = "/ws";
    assertEquals(metrics.value("troupe_connections_total", { endpoint }), 3);
    assertEquals(metrics.value("troupe_connections_active", { endpoint }), 2);
    assertEquals(metrics.value("troupe_connections_closed_total", { endpoint, code: "1000" }), 1);
    for (const direction of ["received", "sent"]) {
      assertEquals(metrics.value(`troupe_messages_${direction}_total`, { endpoint }), 3);
      assertEquals(metrics.value(`troupe_bytes_${direction}_total`, { endpoint }), 3 + 8 + 10);
    }
    assertEquals(metrics.value("troupe_started"), 1);
    const startSeconds = metrics.value("troupe_start_timestamp") ?? 0;
    assert(startSeconds >= beforeSeconds && startSeconds <= Date.now() / 1000, `${startSeconds}`);
    assertEquals(metrics.value("troupe_mailbox_depth", { kind: "process", process: "echo_1" }), 0);
    assertEquals(metrics.value("troupe_mailbox_depth", { kind: "meta", process: "" }), 0);
    // The server itself asks each of its supervisors whether it has started.
    assertGreaterOrEqual(metrics.count("troupe_call_duration", { outcome: "ok" }) ?? 0, 1);
    other.close();
  });
}

Deno.test("/metrics has every metric of the table that has a value, and no other", async () => {
  await using server = await startServer();
  await using client = await open(server);
  assertEquals(await ask(client, "a"), "a");
  const { families } = await fetchMetrics(server.addr.port);
  const declared = new Map(
    Object.values(METRICS).map(({ name, kind, description }) => {
      const family = name.replaceAll(".", "_");
      if (kind === "counter") return [`${family}_total`, ["COUNTER", description]];
      return kind === "histogram"
        ? [`${family}_count`, ["UNTYPED", ""]]
        : [family, ["GAUGE", description]];
    }),
  );
  const known = families.filter(({ name }) => !/(_sum|_bucket|(duration|lag))$/.test(name));
  for (const { name, type, help } of known) assertEquals([type, help], declared.get(name), name);
  // Those without a value yet have no line.
  const silent = [
    "closed_total",
    "refused_total",
    "refusals_total",
    "overflows_total",
    "restarts_total",
    "webhooks_total",
    "logins_total",
    "requests_total",
    "_count",
  ];
  const missing = [...declared.keys()].filter((name) => !families.some((f) => f.name === name));
  for (const name of missing) assert(silent.some((end) => name.endsWith(end)), name);
});

Deno.test("/metrics counts refused handshakes by reason", async () => {
  await using server = await startServer({
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/one": { pool: ["echo"], maxConnections: 1 } },
  });
  const { port } = server.addr;
  const refuse = async (parts: object) => {
    await using client = await RawClient.connect({ port });
    return (await client.handshake({ path: "/one", ...parts })).status;
  };
  assertEquals(await refuse({ headers: { origin: "https://a.example" } }), 403);
  assertEquals(await refuse({ method: "POST" }), 405);
  assertEquals(await refuse({ headers: { "sec-websocket-version": "8" } }), 426);
  assertEquals(await refuse({ headers: { "sec-websocket-key": "short" } }), 400);
  await using client = await open(server, "/one");
  assertEquals(await refuse({}), 503);
  assertEquals(await refuse({}), 503);
  const metrics = await fetchMetrics(port);
  const expected = {
    origin: 1,
    method: 1,
    no_upgrade: 1,
    bad_request: 1,
    connection_limit: 2,
  };
  for (const [reason, count] of Object.entries(expected)) {
    const labels = { endpoint: "/one", reason };
    assertEquals(metrics.value("troupe_handshakes_refused_total", labels), count, reason);
  }
  client.close();
});

for (const engine of ["native", "ws"]) {
  Deno.test(`/metrics counts what engine ${engine} refuses for its size`, async () => {
    await using server = await startServer({
      processes: { echo: { behavior: "echo" } },
      endpoints: { "/ws": { pool: ["echo"], engine, maxMessageSize: 100 } },
    });
    const { port } = server.addr;
    const many = Array.from({ length: 100 }, (_, i) => [`x-${i}`, ""]);
    await using refused = await RawClient.connect({ port });
    const { status } = await refused.handshake({ headers: Object.fromEntries(many) });
    assertEquals(status, 431);
    await using client = await open(server);
    assertEquals(await ask(client, "a".repeat(100)), "a".repeat(100));
    await client.send({ opcode: OPCODE.text, payload: "a".repeat(101) });
    assertEquals((await client.readClose()).code, 1009);
    const metrics = await fetchMetrics(port);
    const endpoint = "/ws";
    const reason = "headers_too_large";
    assertEquals(metrics.value("troupe_handshakes_refused_total", { endpoint, reason }), 1);
    assertEquals(metrics.value("troupe_messages_received_total", { endpoint }), 1);
    assertEquals(metrics.value("troupe_bytes_received_total", { endpoint }), 100);
    client.close();
  });
}

const BUSY = `
export default async function busy(self) {
  for await (const { message } of self) {
    if (message.kind === "message" && message.body === "die") throw new Error("as asked");
    if (message.kind === "message" && message.body === "call") {
      await self.call(self.pid, 1, { timeoutMs: 1 }).catch(() => {});
      self.send(message.id, { kind: "message", body: "called" });
    }
  }
}`;

Deno.test("/metrics counts restarts and calls by outcome", async () => {
  await using _logs = captureLogs();
  await using files = await temporaryFiles({ "busy.js": BUSY });
  const root = {
    processes: { busy: { module: "./busy.js" } },
    endpoints: { "/busy": { pool: ["busy"] } },
  };
  await using server = await startServer(root, files.path);
  const { port } = server.addr;
  await using first = await open(server, "/busy");
  assertEquals(await ask(first, "call"), "called");
  await first.send({ opcode: OPCODE.text, payload: "die" });
  assertEquals((await first.readClose()).code, 1011);
  await first.send(CLOSE);
  first.close();
  let attempts = 0;
  while (await statusOf(server, "/busy") !== 101) assert(++attempts < 2000, "it is not back");
  const metrics = await fetchMetrics(port);
  assertEquals(metrics.value("troupe_process_restarts_total", { process: "busy" }), 1);
  assertEquals(metrics.count("troupe_call_duration", { outcome: "timeout" }), 1);
});

Deno.test("/metrics refuses other methods, and answers HEAD", async () => {
  await using server = await startServer();
  const url = `http://127.0.0.1:${server.addr.port}/metrics`;
  const post = await fetch(url, { method: "POST" });
  await post.body?.cancel();
  assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  assertEquals((await fetch(url, { method: "HEAD" })).status, 200);
});

Deno.test("/metrics of two servers in one program are apart", async () => {
  await using first = await startServer();
  await using second = await startServer();
  await using client = await open(first);
  assertEquals(await ask(client, "a"), "a");
  const labels = { endpoint: "/ws" };
  const name = "troupe_messages_received_total";
  assertEquals((await fetchMetrics(first.addr.port)).value(name, labels), 1);
  assertEquals((await fetchMetrics(second.addr.port)).value(name, labels) ?? 0, 0);
});
