import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { createTopicsServer } from "../../src/topics/mod.ts";
import { allowActiveSpans } from "../helpers/active_spans.ts";
import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { type ExportedSpan, OtlpCollector } from "../helpers/otlp_collector.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ROOT } from "../structure/source_tree.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const CLIENT_SPAN = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE_ID}-${CLIENT_SPAN}-01`;

/** The official provider and exporter, sending over HTTP. */
function startTracing() {
  const collector = new OtlpCollector();
  const exporter = new OTLPTraceExporter({ url: `${collector.url}/v1/traces` });
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  return {
    collector,
    provider,
    async [Symbol.asyncDispose]() {
      await provider.shutdown();
      await collector[Symbol.asyncDispose]();
    },
  };
}

async function say(client: RawClient, request: object): Promise<void> {
  await client.send({ opcode: OPCODE.text, payload: JSON.stringify(request) });
}

/** One session: echo, error, subscription with a heartbeat, unsubscription, close. */
async function converse(port: number, path: string, headers: Record<string, string>) {
  await using client = await RawClient.open({ port, path, headers });
  await say(client, { type: "echo_request", reqId: "1", echo: "a" });
  await client.readText();
  await say(client, { type: "echo_request", reqId: "2", echo: "a", err: true });
  await client.readText();
  await say(client, { type: "subscribe_request", reqId: "3", topic: "heartbeat" });
  await client.readText();
  await client.readText();
  await say(client, { type: "unsubscribe_request", topic: "heartbeat" });
  await client.readText();
  await say(client, { type: "nonsense" });
  await client.readText();
  await client.send({ opcode: OPCODE.close, payload: new Uint8Array([3, 232]) });
  await client.readClose();
}

/** The spans below one, as nested lists in the order of their ends. */
function treeBelow(spans: readonly ExportedSpan[], parentSpanId: string): unknown[] {
  return spans.filter((span) => span.parentSpanId === parentSpanId)
    .map(({ name, spanId }) => [name, ...treeBelow(spans, spanId)]);
}

const SESSION = [
  "accept",
  [
    "connection",
    ["handle", ["echo"]],
    ["handle", ["echo"]],
    ["handle", ["subscribe"]],
    ["heartbeat"],
    ["handle", ["unsubscribe"]],
    ["handle"],
  ],
];

Deno.test("a session is one trace, from the client's traceparent to each reply", async () => {
  await using tracing = startTracing();
  const { collector, provider } = tracing;
  const config = parseConfig({ listen: { port: 0 } });
  const server = await serve(config, { tracerProvider: provider });
  await converse(server.addr.port, "/topics", { traceparent: TRACEPARENT });
  await server.drain();
  await provider.forceFlush();
  const { spans } = collector;
  assertEquals(treeBelow(spans, CLIENT_SPAN).map(sortSpans), [sortSpans(SESSION)]);
  const ofSession = spans.filter(({ traceId }) => traceId === TRACE_ID);
  assertEquals(ofSession.length, spans.length - 2, "only start and stop are traces of their own");
  assertEquals([...new Set(spans.map(({ scope }) => scope))], ["@troupe/troupe"]);
});

/** Exports may overtake each other: by name, then by what is below. */
function sortSpans(tree: unknown): unknown {
  if (!Array.isArray(tree)) return tree;
  const [name, ...below] = tree;
  return [name, ...below.map(sortSpans).map((each) => JSON.stringify(each)).toSorted()];
}

Deno.test("the spans of a session have the attributes that the tables declare", async () => {
  await using tracing = startTracing();
  const { collector, provider } = tracing;
  const config = parseConfig({ listen: { port: 0 } });
  await using server = await serve(config, { tracerProvider: provider });
  await converse(server.addr.port, "/topics", {});
  const connection = await collector.span("connection");
  const find = async (name: string, reqId: string) =>
    await collector.find(
      `${name} ${reqId}`,
      () =>
        collector.spans.find((span) =>
          span.name === name && span.attributes["troupe.request.id"] === reqId
        ),
    );
  const accept = await collector.span("accept");
  const id = connection.attributes["troupe.connection.id"];
  const peer = connection.attributes["client.address"];
  assertEquals(String(peer).startsWith("127.0.0.1:"), true);
  assertEquals(String(id).startsWith("Alias#<"), true);
  assertEquals(accept.attributes, {
    "troupe.endpoint": "/topics",
    "url.path": "/topics",
    "client.address": peer,
    "http.response.status_code": 101,
  });
  assertEquals([accept.kind, accept.parentSpanId, accept.statusCode], [2, "", 0]);
  assertEquals(connection.attributes, {
    "troupe.endpoint": "/topics",
    "troupe.connection.id": id,
    "client.address": peer,
    "troupe.close.code": 1000,
    "troupe.close.reason": "",
  });
  const [echo, failed] = [await find("echo", "1"), await find("echo", "2")];
  assertEquals([echo.attributes, echo.statusCode], [{ "troupe.request.id": "1" }, 0]);
  assertEquals(failed.attributes["troupe.error.code"], "ASKED_BY_CLIENT");
  assertEquals(failed.statusCode, 2);
  const subscribe = await find("subscribe", "3");
  assertEquals(subscribe.attributes["troupe.topic"], "heartbeat");
  const heartbeat = await collector.span("heartbeat");
  assertEquals(heartbeat.attributes, {
    "troupe.topic": "heartbeat",
    "troupe.connection.id": id,
  });
  const handled = await collector.find(
    "all handle spans",
    () => {
      const handles = collector.spans.filter(({ name }) => name === "handle");
      return handles.length === 5 ? handles : undefined;
    },
  );
  assertEquals(handled.map(({ attributes }) => attributes["troupe.message.type"]).toSorted(), [
    "echo_request",
    "echo_request",
    "subscribe_request",
    "unsubscribe_request",
    undefined,
  ]);
  const [unknown] = handled.filter(({ attributes }) => !("troupe.message.type" in attributes));
  assertEquals(unknown?.attributes["troupe.error.code"], "UNKNOWN_MESSAGE_TYPE");
  assertEquals(unknown?.statusCode, 2);
  const start = await collector.span("start");
  assertEquals(start.attributes, {
    "troupe.node": "troupe@localhost",
    "server.address": "127.0.0.1",
    "server.port": server.addr.port,
  });
});

Deno.test("a refused handshake is an accept span with its status and nothing below", async () => {
  await using tracing = startTracing();
  const { collector, provider } = tracing;
  const config = parseConfig({ listen: { port: 0 } });
  await using server = await serve(config, { tracerProvider: provider });
  await using client = await RawClient.connect({ port: server.addr.port });
  const headers = { origin: "https://elsewhere.example", traceparent: TRACEPARENT };
  assertEquals((await client.handshake({ path: "/topics", headers })).status, 403);
  const accept = await collector.span("accept");
  assertEquals(accept.attributes["http.response.status_code"], 403);
  assertEquals([accept.traceId, accept.parentSpanId], [TRACE_ID, CLIENT_SPAN]);
  // 4xx is the client's mistake: no error of the server.
  assertEquals(accept.statusCode, 0);
});

Deno.test("a client that is not sampled leaves no span", async () => {
  await using tracing = startTracing();
  const { collector, provider } = tracing;
  const config = parseConfig({ listen: { port: 0 } });
  const server = await serve(config, { tracerProvider: provider });
  const traceparent = `00-${TRACE_ID}-${CLIENT_SPAN}-00`;
  await converse(server.addr.port, "/topics", { traceparent });
  await server.drain();
  await provider.forceFlush();
  assertEquals(collector.spans.map(({ name }) => name).toSorted(), ["start", "stop"]);
});

Deno.test("a topics server traces start, stop and closeClientConnections()", async () => {
  await using tracing = startTracing();
  const { collector, provider } = tracing;
  const listen = { hostname: "127.0.0.1", port: 0 };
  const server = createTopicsServer({ listen, tracerProvider: provider });
  await server.start();
  await server.closeClientConnections({ code: 4503, reason: "bye" });
  await server.stop();
  const { attributes } = await collector.span("close client connections");
  assertEquals(attributes, {
    "troupe.close.code": 4503,
    "troupe.close.reason": "bye",
    "troupe.connections": 0,
  });
  await collector.span("start");
  const stop = await collector.span("stop");
  assertEquals(stop.attributes["troupe.connections"], 0);
});

for (const engine of ["native", "ws"] as const) {
  Deno.test(`the span that a server of engine ${engine} was started in is no parent of handshakes`, async () => {
    using _active = allowActiveSpans();
    await using tracing = startTracing();
    const { collector, provider } = tracing;
    const config = parseConfig({
      listen: { port: 0 },
      processes: { topics: { behavior: "topics" } },
      endpoints: { "/topics": { pool: ["topics"], engine } },
    });
    const server = await provider.getTracer("test").startActiveSpan("boot", async (boot) => {
      const started = await serve(config, { tracerProvider: provider });
      boot.end();
      return started;
    });
    await converse(server.addr.port, "/topics", { traceparent: TRACEPARENT });
    await converse(server.addr.port, "/topics", {});
    await server.drain();
    await provider.forceFlush();
    const { spans } = collector;
    assertEquals(treeBelow(spans, CLIENT_SPAN).map(sortSpans), [sortSpans(SESSION)]);
    const boot = await collector.span("boot");
    assertEquals(treeBelow(spans, boot.spanId), [["start"]]);
    const accepts = spans.filter(({ name }) => name === "accept");
    assertEquals(accepts.map(({ parentSpanId }) => parentSpanId).toSorted(), ["", CLIENT_SPAN]);
  });
}

Deno.test("closing all clients is a span below the one that asks for it", async () => {
  using _active = allowActiveSpans();
  await using tracing = startTracing();
  const { collector, provider } = tracing;
  const tracer = provider.getTracer("test");
  const listen = { hostname: "127.0.0.1", port: 0 };
  const server = createTopicsServer({ listen, tracerProvider: provider });
  await tracer.startActiveSpan("boot", async (boot) => {
    await server.start();
    boot.end();
  });
  await tracer.startActiveSpan("admin", async (admin) => {
    await server.closeClientConnections();
    admin.end();
  });
  // Of a message that names no span, whatever the process was started in is no parent.
  await server.node?.call("topics", { kind: "closeClientConnections", reason: "message" });
  await server.stop();
  await provider.forceFlush();
  const [asked, sent] = collector.spans.filter(({ name }) => name === "close client connections");
  assertEquals(asked?.parentSpanId, (await collector.span("admin")).spanId);
  assertEquals([sent?.parentSpanId, sent?.attributes["troupe.close.reason"]], ["", "message"]);
});

Deno.test("Deno's own exporter gets spans and metrics with OTEL_DENO=true", async () => {
  await using collector = new OtlpCollector();
  await using program = new Program({
    args: ["run", "-A", "main.ts", "--port", "0", "--log-format", "json"],
    cwd: ROOT,
    env: {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "50",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
    },
  });
  await converse(await program.port(), "/topics", { traceparent: TRACEPARENT });
  const connection = await collector.span("connection");
  assertEquals(connection.traceId, TRACE_ID);
  const ours = () => {
    const { spans } = collector;
    const accept = spans.find(({ name }) => name === "accept");
    return accept && [["accept", ...treeBelow(spans, accept.spanId)]];
  };
  const tree = await collector.find("the whole session", () => {
    const found = ours() ?? [];
    return JSON.stringify(found).split('"handle"').length === 6 ? found : undefined;
  });
  assertEquals(tree.map(sortSpans), [sortSpans(SESSION)]);
  await collector.find(
    "metrics",
    () => collector.metrics.has("troupe.messages.received") ? true : undefined,
  );
});
