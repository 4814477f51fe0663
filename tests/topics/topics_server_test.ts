import { createPrometheus } from "../../src/telemetry/mod.ts";
import {
  createTopicsServer,
  TOPICS_SERVER_DEFAULTS,
  TopicsServerError,
} from "../../src/topics/mod.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { readPrometheus } from "../helpers/prometheus.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { captureLogs } from "../websocket/logs.ts";

const LISTEN = { hostname: "127.0.0.1", port: 0 };

async function ask(client: RawClient, request: object): Promise<Record<string, unknown>> {
  await client.send({ opcode: OPCODE.text, payload: JSON.stringify(request) });
  return JSON.parse(await client.readText());
}

Deno.test("start() and stop() refuse to be called twice", async () => {
  await using server = createTopicsServer({ listen: LISTEN });
  const early = await assertRejects(() => server.stop(), TopicsServerError);
  assertEquals(early.code, "not_started");
  assertEquals(early.message, "Cannot stop the topics server: it has not been started");
  await server.start();
  const twice = await assertRejects(() => server.start(), TopicsServerError);
  assertEquals(twice.code, "already_started");
  await server.stop();
  assertEquals((await assertRejects(() => server.stop(), TopicsServerError)).code, "not_started");
  await server.start();
  await using client = await RawClient.open({ port: server.addr!.port });
  assertEquals((await ask(client, { type: "echo_request", echo: "again" })).data, {
    echo: "again",
  });
});

Deno.test("start() waits for a stop that is under way, and stop() for a start", async () => {
  const prometheus = await createPrometheus();
  const { meterProvider } = prometheus;
  await using server = createTopicsServer({ listen: LISTEN, meterProvider });
  const started = server.start();
  const stopped = server.stop();
  const restarted = server.start();
  const twice = assertRejects(() => server.start(), TopicsServerError);
  await Promise.all([started, stopped, restarted]);
  assertEquals((await twice).code, "already_started");
  await using client = await RawClient.open({ port: server.addr!.port });
  assertEquals((await ask(client, { type: "echo_request", echo: "a" })).data, { echo: "a" });
  assertEquals(readPrometheus(await prometheus.read()).value("troupe_started"), 1);
  client.close();
});

Deno.test("stop() does not wait for a request that does not end", async () => {
  await using server = createTopicsServer({ listen: LISTEN });
  await server.start();
  const { port } = server.addr!;
  await using slow = await RawClient.connect({ port });
  await slow.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  // The answer says that the request has come.
  assertEquals((await slow.readHead()).status, 405);
  await server.stop();
  // Cut off, or it would keep the program from ending.
  await slow.readEnd();
  await assertRejects(() => RawClient.connect({ port }), Deno.errors.ConnectionRefused);
});

Deno.test("a topics server listens on localhost:8080 unless told otherwise, as in seed 004", () => {
  assertEquals({ ...TOPICS_SERVER_DEFAULTS.listen }, { hostname: "localhost", port: 8080 });
});

Deno.test("stop() closes connections with 1001", async () => {
  await using server = createTopicsServer({ listen: LISTEN });
  await server.start();
  await using client = await RawClient.open({ port: server.addr!.port });
  const stopped = server.stop();
  assertEquals((await client.readClose()).code, 1001);
  await client.send({ opcode: OPCODE.close, payload: new Uint8Array([3, 233]) });
  await stopped;
  assertEquals(server.addr, undefined);
});

Deno.test("closeClientConnections() sends code and reason to all, and nothing while stopped", async () => {
  await using server = createTopicsServer({ listen: LISTEN });
  assertEquals(await server.closeClientConnections({ code: 1012, reason: "restart" }), 0);
  await server.start();
  const { port } = server.addr!;
  await using first = await RawClient.open({ port });
  await using second = await RawClient.open({ port });
  // Answers say that the process knows both.
  for (const client of [first, second]) await ask(client, { type: "echo_request", echo: "" });
  assertEquals(await server.closeClientConnections({ code: 1012, reason: "restart" }), 2);
  for (const client of [first, second]) {
    assertEquals(await client.readClose(), { code: 1012, reason: "restart" });
    client.close();
  }
  await assertRejects(() => server.closeClientConnections({ code: 1006 }), TypeError);
});

Deno.test("publish() reaches subscribers, and fetch() serves a listener of one's own", async () => {
  await using server = createTopicsServer({ listen: false, topics: ["news"] });
  const request = new Request("http://localhost/", { headers: { upgrade: "websocket" } });
  assertEquals((await server.fetch(request)).status, 503);
  assertEquals(await server.publish("news"), 0);
  await server.start();
  assertEquals(server.addr, undefined);
  await using listener = Deno.serve({ ...LISTEN, onListen: () => {} }, server.fetch);
  await using client = await RawClient.open({ port: listener.addr.port });
  const subscribed = await ask(client, { type: "subscribe_request", topic: "news" });
  assertEquals(subscribed.status, "OK");
  assertEquals(await server.publish("news", [1, 2]), 1);
  assertEquals(JSON.parse(await client.readText()), { type: "news", data: [1, 2] });
  client.close();
});

Deno.test("a topics server survives deeply nested JSON", async () => {
  await using server = createTopicsServer({ listen: LISTEN });
  await server.start();
  const { port } = server.addr!;
  await using client = await RawClient.open({ port });
  // More than 64 KiB: the limit of messages comes first.
  await client.send({ opcode: OPCODE.text, payload: "[".repeat(100_000) });
  assertEquals((await client.readClose()).code, 1009);
  await using other = await RawClient.open({ port });
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  await other.send({
    opcode: OPCODE.text,
    payload: `{"type":"echo_request","reqId":"d","echo":${deep}}`,
  });
  const { code, reqId } = JSON.parse(await other.readText());
  assertEquals([code, reqId], ["BAD_REQUEST", "d"]);
  assert((await ask(other, { type: "echo_request", echo: "alive" })).data !== undefined);
});

Deno.test("a topics server warns of engine native on a public address, and only there", async () => {
  await using logs = captureLogs();
  for (const hostname of ["127.0.0.1", "localhost"]) {
    await using server = createTopicsServer({ listen: { hostname, port: 0 } });
    await server.start();
  }
  assertEquals(await logs.lines("warning"), []);
  await using server = createTopicsServer({ listen: { hostname: "0.0.0.0", port: 0 } });
  await server.start();
  const [warning, ...others] = await logs.lines("warning");
  assertEquals(others, []);
  const text = "has engine native on a public address; nothing ";
  assertStringIncludes(String(warning?.message), text);
});

Deno.test("createTopicsServer() names itself for what it refuses, before it is started", () => {
  const period = "Cannot create a topics server: heartbeatPeriodMs is 0";
  assertThrows(() => createTopicsServer({ heartbeatPeriodMs: 0 }), RangeError, period);
  assertThrows(() => createTopicsServer({ origins: "example.com" }), TypeError, "Cannot allow");
});
