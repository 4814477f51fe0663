import { KEEPALIVE } from "../../src/websocket/connection/keepalive.ts";
import type { HandlerOptions } from "../../src/websocket/mod.ts";
import { createStage } from "../actor/stage.ts";
import { assertEquals, assertLess } from "../helpers/assert.ts";
import { encodeFrame, type FrameParts, OPCODE } from "../../src/testing/frames.ts";
import { settleUntil } from "../../src/testing/manual_clock.ts";
import { serveHandler } from "./stage.ts";
import { serveWs } from "./ws_stage.ts";

const { text, ping, pong, close } = OPCODE;

/** A handler of a node whose time stands still, and one client of it. */
async function openStill(options: HandlerOptions) {
  const { node, clock } = createStage();
  const served = await serveWs({ ...options, node });
  const client = await served.open();
  await served.parent.take("connect");
  return {
    clock,
    served,
    client,
    /** Sends a frame, and waits until the server has read it. */
    async arrive(frame: FrameParts) {
      const seen = served.parent.all("message").length;
      await client.send(frame);
      await served.parent.count("message", seen + 1);
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a peer that never pongs is closed with 4003", async () => {
  await using still = await openStill({ pingPeriodMs: 40_000, pongTimeoutMs: 100_000 });
  const { clock, client, served } = still;
  // The first look says when it was heard last.
  await clock.advance(1_000 + 40_000);
  const frame = await client.readFrame();
  assertEquals([frame?.opcode, new TextDecoder().decode(frame?.payload)], [ping, KEEPALIVE]);
  await clock.advance(59_000);
  assertEquals(served.parent.all("disconnect"), []);
  await clock.advance(1_000);
  assertEquals((await client.readFrame())?.opcode, ping);
  assertEquals(await client.readClose(), { code: 4003, reason: "no pong" });
  await clock.advance(1_000);
  assertEquals((await served.parent.take("disconnect")).code, 4003);
});

Deno.test("a peer that pongs stays, and its pongs are not for the target", async () => {
  await using still = await openStill({ pingPeriodMs: 40_000, pongTimeoutMs: 60_000 });
  const { clock, client, served, arrive } = still;
  // Longer than pongTimeoutMs.
  for (let i = 0; i < 8; i++) {
    await clock.advance(42_000);
    const frame = await client.readFrame();
    assertEquals(frame?.opcode, ping);
    // What is read in order is read after the pong.
    await client.send({ opcode: pong, payload: frame!.payload });
    await arrive({ opcode: pong, payload: "read" });
  }
  const { length } = served.parent.all("message");
  assertEquals([length, served.parent.all("disconnect")], [8, []]);
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
  await using still = await openStill({ rateLimit: { messagesPerSecond: 20, burst: 1 } });
  const { clock, client, served } = still;
  const { pending } = clock;
  const answers = Array.from({ length: 5 }, () => ({ opcode: pong, payload: KEEPALIVE }));
  await client.send(...answers, { opcode: text, payload: "at last" });
  // The first is the burst; each of the others is paid for before the next is read.
  for (let i = 1; i < answers.length; i++) {
    // Reading is paused once a timer says when it goes on.
    await settleUntil("the pause", () => clock.pending > pending);
    await clock.advance(49);
    assertEquals([clock.pending, served.parent.all("message")], [pending + 1, []]);
    await clock.advance(1);
  }
  assertEquals((await served.parent.take("message")).body, "at last");
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
  await using still = await openStill({ readTimeoutMs: 20_000 });
  const { clock, client, served } = still;
  const frame = encodeFrame({ opcode: text, payload: "x".repeat(1_000) });
  let isOpen = true;
  const closed = client.readClose().finally(() => isOpen = false);
  let sent = 0;
  while (isOpen && sent < frame.length) {
    await client.write(frame.subarray(sent, ++sent));
    await clock.advance(500);
  }
  assertEquals(await closed, { code: 1008, reason: "read timeout" });
  assertLess(sent, frame.length);
  await clock.advance(1_000);
  assertEquals((await served.parent.take("disconnect")).code, 1008);
  assertEquals(served.parent.all("message"), []);
});

Deno.test("messages within readTimeoutMs keep a connection, pongs do not", async () => {
  await using still = await openStill({ readTimeoutMs: 20_000 });
  const { clock, client, served, arrive } = still;
  for (let i = 0; i < 6; i++) {
    await clock.advance(6_000);
    await arrive({ opcode: text, payload: `${i}` });
  }
  assertEquals(served.parent.all("disconnect"), []);
  for (let i = 0; i < 3; i++) {
    await clock.advance(6_000);
    await arrive({ opcode: pong, payload: "unasked" });
  }
  await clock.advance(3_000);
  assertEquals((await client.readClose()).code, 1008);
});

Deno.test("rateLimit pauses reading: everything arrives, in order, no sooner", async () => {
  await using still = await openStill({ rateLimit: { messagesPerSecond: 50, burst: 5 } });
  const { clock, client, served } = still;
  const sent = Array.from({ length: 15 }, (_, i) => `${i}`);
  await client.send(...sent.map((payload) => ({ opcode: text, payload })));
  // The burst and one that is paid for later are there at once, the rest every 20 ms.
  for (let count = 6; count <= 15; count++) {
    await served.parent.count("message", count);
    await clock.advance(19);
    assertEquals(served.parent.all("message").length, count);
    await clock.advance(1);
  }
  assertEquals(served.parent.all("message").map(({ body }) => body), sent);
  assertEquals(served.parent.all("disconnect"), []);
});

Deno.test("rateLimit closes with 4005 where the engine cannot pause", async () => {
  const rateLimit = { messagesPerSecond: 0.001, burst: 5 };
  await using served = await serveHandler({ rateLimit });
  await using client = await served.open();
  await client.send(...Array.from({ length: 6 }, () => ({ opcode: text, payload: "x" })));
  const seen = await client.readClose();
  assertEquals(seen, { code: 4005, reason: "rate limited" });
  await client.send({ opcode: close });
  assertEquals((await served.parent.take("disconnect")).code, 4005);
});

Deno.test("reconfigure() reaches the liveness of open connections", async () => {
  await using still = await openStill({});
  const { clock, client, served } = still;
  await clock.advance(20_000);
  served.handler.reconfigure({ readTimeoutMs: 5_000 });
  await clock.advance(6_000);
  assertEquals((await client.readClose()).code, 1008);
});
