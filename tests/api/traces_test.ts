import { type ReadableSpan, TracerProvider } from "@opentelemetry/sdk-trace";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { OPCODE, RawClient } from "../../src/testing/mod.ts";
import { NATS, withBroker } from "../cluster/stage.ts";
import { assertEquals } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { askApi, connectionId, startApi, TOKENS } from "./stage.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";
const headers = { traceparent: `00-${TRACE_ID}-${CALLER}-01` };

/** The official provider, whose spans stay here. */
function startTracing() {
  let ended: ReadableSpan[] = [];
  const done = () => Promise.resolve();
  const processor = {
    ...{ onStart() {}, onEnding() {}, forceFlush: done, shutdown: done },
    onEnd: (span: ReadableSpan) => void ended.push(span),
  };
  const tracerProvider = new TracerProvider({ spanProcessors: [processor] });
  return {
    tracerProvider,
    /** The spans of the caller's trace that have ended, each once, in the order of their ends. */
    take() {
      const mine = ended.filter((span) => span.spanContext().traceId === TRACE_ID);
      ended = [];
      return mine.map((span) => ({
        name: span.name,
        attributes: span.attributes,
        id: span.spanContext().spanId,
        parent: span.parentSpanContext?.spanId,
      }));
    },
    [Symbol.asyncDispose]: () => tracerProvider.shutdown(),
  };
}

async function enter(port: number): Promise<RawClient> {
  const client = await RawClient.open({ port, path: "/chat" });
  await client.readText();
  await client.send({ opcode: OPCODE.text, payload: "m:join;0;lobby" });
  await client.readText();
  return client;
}

Deno.test("a request to the API is the caller's child, and what it delivers is the request's", async () => {
  await using tracing = startTracing();
  await using stage = await startApi({}, { tracerProvider: tracing.tracerProvider });
  await using chat = await enter(stage.server.addr.port);
  await using _plain = await stage.open("/ws");
  const id = encodeURIComponent(await connectionId(stage, "/ws"));
  assertEquals(tracing.take(), []);
  for (
    const [method, path, body, route, told] of [
      ["POST", "/rooms/lobby/publish", { text: "x" }, "publishRoom", { "troupe.connections": 1 }],
      ["POST", "/topics/news/publish", { data: 1 }, "publishTopic", { "troupe.connections": 0 }],
      ["POST", "/broadcast", { rooms: ["lobby"], text: "y" }, "broadcast", {
        "troupe.connections": 1,
      }],
      ["POST", `/actors/${id}/send`, { text: "z" }, "send", {
        "troupe.send.result": "accepted",
      }],
      ["DELETE", `/actors/${id}`, undefined, "end", { "troupe.send.result": "accepted" }],
      ["DELETE", "/connections?user=nobody", undefined, "closeConnections", {
        "troupe.connections": 0,
      }],
    ] as const
  ) {
    const { status } = await stage.ask(method, path, { body, headers });
    const [delivery, request, ...rest] = tracing.take();
    assertEquals(rest, [], path);
    assertEquals([request!.name, request!.parent], ["api request", CALLER]);
    assertEquals(request!.attributes, {
      "troupe.api.route": route,
      "http.request.method": method,
      "http.response.status_code": status,
    });
    assertEquals([delivery!.name, delivery!.parent], ["deliver", request!.id]);
    assertEquals(Object.entries(delivery!.attributes).slice(1), Object.entries(told));
  }
  assertEquals([await chat.readText(), await chat.readText()], ["x", "y"]);
});

Deno.test("each request of a batch is below it, refusals are told, and who is not sampled has none", async () => {
  await using tracing = startTracing();
  await using stage = await startApi({}, { tracerProvider: tracing.tracerProvider });
  const requests = [
    { method: "POST", path: "/rooms/lobby/publish", body: { text: "x" } },
    { method: "POST", path: "/actors/nobody/send", body: { message: 1 } },
  ];
  await stage.ask("POST", "/batch", { body: { requests }, headers });
  const spans = tracing.take();
  const batch = spans.at(-1)!;
  assertEquals([batch.attributes["troupe.api.route"], batch.parent], ["batch", CALLER]);
  const below = spans.filter(({ parent }) => parent === batch.id);
  assertEquals(below.map(({ attributes }) => attributes["http.response.status_code"]), [200, 404]);
  const unsampled = { traceparent: `00-${TRACE_ID}-${CALLER}-00` };
  await stage.ask("POST", "/rooms/lobby/publish", { body: { text: "x" }, headers: unsampled });
  assertEquals(tracing.take(), []);
});

testWith(NATS, "what another node delivers is below the request, too", async (executable) => {
  await using broker = await withBroker(executable);
  await using here = startTracing();
  await using there = startTracing();
  const start = (name: string, { tracerProvider }: typeof here) =>
    serve(
      parseConfig({
        node: { name },
        listen: { port: 0 },
        admin: { tokens: [{ name: "ops", token: TOKENS.admin, scopes: ["admin"] }] },
        cluster: { nats: { servers: broker.url } },
        processes: { chat: { behavior: "chat" } },
        endpoints: { "/chat": { pool: ["chat"] } },
      }),
      { tracerProvider },
    );
  await using one = await start("one@localhost", here);
  await using two = await start("two@localhost", there);
  await Promise.all([one.cluster!.whenUp("two@localhost"), two.cluster!.whenUp("one@localhost")]);
  await using client = await enter(two.addr.port);
  const base = `http://127.0.0.1:${one.addr.port}/api/v1`;
  await askApi(base, "POST", "/rooms/lobby/publish", { body: { text: "x" }, headers });
  assertEquals(await client.readText(), "x");
  const request = here.take().find(({ name }) => name === "api request")!;
  const [delivery] = there.take();
  assertEquals([delivery!.name, delivery!.parent, delivery!.attributes], [
    "deliver",
    request.id,
    { "troupe.node": "two@localhost", "troupe.connections": 1 },
  ]);
});
