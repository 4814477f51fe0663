import { KEEPALIVE } from "../../src/websocket/connection/keepalive.ts";
import { assertEquals, assertGreater, assertGreaterOrEqual } from "../helpers/assert.ts";
import { encodeFrame, OPCODE } from "../helpers/frames.ts";
import { Inbox } from "./inbox.ts";
import { serveHandler } from "./stage.ts";
import { serveWs } from "./ws_stage.ts";

const { text, ping, pong, close } = OPCODE;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("a peer that never pongs is closed with 4003", async () => {
  await using served = await serveWs({ pingPeriodMs: 40, pongTimeoutMs: 100 });
  await using client = await served.open();
  const frame = await client.readFrame();
  assertEquals([frame?.opcode, new TextDecoder().decode(frame?.payload)], [ping, KEEPALIVE]);
  assertEquals(await client.readClose(), { code: 4003, reason: "no pong" });
  assertEquals((await served.parent.take("disconnect")).code, 4003);
});

Deno.test("a peer that pongs stays, and its pongs are not for the target", async () => {
  await using served = await serveWs({ pingPeriodMs: 40, pongTimeoutMs: 200 });
  await using client = await served.open();
  // Longer than pongTimeoutMs.
  for (let i = 0; i < 8; i++) {
    const frame = await client.readFrame();
    assertEquals(frame?.opcode, ping);
    await client.send({ opcode: pong, payload: frame!.payload });
  }
  await client.send({ opcode: text, payload: "alive" });
  assertEquals((await served.parent.take("message")).body, "alive");
  assertEquals(served.parent.all("disconnect"), []);
});

Deno.test("pongs to what the application asked are for the target, empty ones too", async () => {
  await using served = await serveWs();
  await using client = await served.open();
  const { id } = await served.parent.take("connect");
  for (const body of ["", "x"]) {
    served.node.send(id, { kind: "message", type: ping, body });
    const frame = await client.readFrame();
    await client.send({ opcode: pong, payload: frame!.payload });
    const { type, body: payload } = await served.parent.take("message");
    assertEquals([type, payload], [pong, new TextEncoder().encode(body)]);
  }
});

Deno.test("pongs that answer a keep-alive ping count against the rate limit as all frames do", async () => {
  await using served = await serveWs({ rateLimit: { messagesPerSecond: 20, burst: 1 } });
  await using client = await served.open();
  const startedMs = performance.now();
  const answers = Array.from({ length: 5 }, () => ({ opcode: pong, payload: KEEPALIVE }));
  await client.send(...answers, { opcode: text, payload: "at last" });
  assertEquals((await served.parent.take("message")).body, "at last");
  assertGreater(performance.now() - startedMs, 150);
});

Deno.test("what ws itself finds wrong in a handshake is a refusal as any other", async () => {
  const heard: [number, string][] = [];
  await using served = await serveWs({
    compression: true,
    onRefused: (_, status, reason) => void heard.push([status, reason]),
  });
  const wrong = [
    [{ "Sec-WebSocket-Protocol": "a, a" }, "Invalid Sec-WebSocket-Protocol header"],
    [
      { "Sec-WebSocket-Extensions": "permessage-deflate; =" },
      "Invalid or unacceptable Sec-WebSocket-Extensions header",
    ],
  ] as const;
  for (const [headers, text] of wrong) {
    const { status, body } = await served.refusal({ headers });
    const why = `Cannot upgrade: ${text}`;
    assertEquals([status, body], [400, `${why}\n`]);
    assertEquals(heard.pop(), [400, why]);
  }
  const { refused, accepted } = await served.node.inspect(served.alias);
  assertEquals([refused, accepted, served.handler.connections], [2, 0, 0]);
});

Deno.test("a payload that drips is closed with 1008 after readTimeoutMs", async () => {
  await using served = await serveWs({ readTimeoutMs: 200 });
  await using client = await served.open();
  const frame = encodeFrame({ opcode: text, payload: "x".repeat(1_000) });
  const closed = client.readClose();
  let isOpen = true;
  void closed.finally(() => isOpen = false);
  for (let i = 0; i < frame.length && isOpen; i++) {
    await client.write(frame.subarray(i, i + 1));
    await pause(5);
  }
  assertEquals(await closed, { code: 1008, reason: "read timeout" });
  assertEquals((await served.parent.take("disconnect")).code, 1008);
  assertEquals(served.parent.all("message"), []);
});

Deno.test("messages within readTimeoutMs keep a connection, pongs do not", async () => {
  await using served = await serveWs({ readTimeoutMs: 200 });
  await using client = await served.open();
  for (let i = 0; i < 6; i++) {
    await pause(60);
    await client.send({ opcode: text, payload: `${i}` });
  }
  await served.parent.count("message", 6);
  assertEquals(served.parent.all("disconnect"), []);
  const closed = client.readClose();
  for (let i = 0; i < 4; i++) {
    await pause(60);
    await client.send({ opcode: pong, payload: "unasked" }).catch(() => {});
  }
  assertEquals((await closed).code, 1008);
});

Deno.test("rateLimit pauses reading: everything arrives, in order, no sooner", async () => {
  await using served = await serveWs({ rateLimit: { messagesPerSecond: 50, burst: 5 } });
  await using client = await served.open();
  const startedMs = performance.now();
  const sent = Array.from({ length: 15 }, (_, i) => `${i}`);
  await client.send(...sent.map((payload) => ({ opcode: text, payload })));
  const got = await served.parent.count("message", 15);
  assertEquals(got.map(({ body }) => body), sent);
  assertGreaterOrEqual(performance.now() - startedMs, 160);
  assertEquals(served.parent.all("disconnect"), []);
});

Deno.test("rateLimit closes with 4005 where the engine cannot pause", async () => {
  const rateLimit = { messagesPerSecond: 0.001, burst: 5 };
  await using served = await serveHandler({ engine: "native", rateLimit });
  await using client = await served.open();
  await client.send(...Array.from({ length: 6 }, () => ({ opcode: text, payload: "x" })));
  const seen = await client.readClose();
  assertEquals(seen, { code: 4005, reason: "rate limited" });
  await client.send({ opcode: close });
  assertEquals((await served.parent.take("disconnect")).code, 4005);
});

Deno.test("reconfigure() reaches the liveness of open connections", async () => {
  await using served = await serveWs({ parent: new Inbox() });
  await using client = await served.open();
  await served.parent.take("connect");
  served.handler.reconfigure({ readTimeoutMs: 50 });
  assertEquals((await client.readClose()).code, 1008);
});
