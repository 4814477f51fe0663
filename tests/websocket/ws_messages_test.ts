import { createStage } from "../actor/stage.ts";
import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
} from "../helpers/assert.ts";
import { closeBody, OPCODE } from "../../src/testing/frames.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { echoes, Inbox } from "./inbox.ts";
import { serveTapped } from "./tapped_stage.ts";
import { serveWs } from "./ws_stage.ts";

const { text, binary, ping, pong, close } = OPCODE;
const bytes = (value: string) => new TextEncoder().encode(value);

Deno.test("a ping and a pong of the peer are messages, and the ping is answered", async () => {
  await using served = await serveWs();
  await using client = await served.open();
  await client.send({ opcode: ping, payload: "p" }, { opcode: pong, payload: "q" });
  const messages = await served.parent.count("message", 2);
  assertEquals(messages.map(({ type, body }) => [type, body]), [
    [ping, bytes("p")],
    [pong, bytes("q")],
  ]);
  const frame = await client.readFrame();
  assertEquals([frame?.opcode, frame?.payload], [pong, bytes("p")]);
});

Deno.test("of many pings in one write the last is answered, and the connection goes on", async () => {
  await using served = await serveWs();
  await using client = await served.open();
  const pings = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ opcode: ping, payload: `${count} ${index}` }));
  for (const count of [17, 60, 61, 1000]) {
    await client.send(...pings(count));
    const frames = [];
    for (;;) {
      const frame = await client.readFrame();
      frames.push(new TextDecoder().decode(frame?.payload));
      if (frames.at(-1) === `${count} ${count - 1}`) break;
    }
    // As many chunks as the system made of it have an answer each.
    assertLess(frames.length, count);
  }
  assertEquals((await served.parent.count("message", 1138)).length, 1138);
  await client.send({ opcode: close, payload: closeBody(1000) });
  assertEquals((await client.readClose()).code, 1000);
});

Deno.test("who does not read is not written pongs without end", async () => {
  await using served = await serveWs({ sendQueueBytes: 8_388_608 });
  await using client = await served.open();
  const { id } = await served.parent.take("connect");
  const body = "x".repeat(1_048_576);
  for (let i = 0; i < 7; i++) served.node.send(id, { kind: "message", body });
  const payload = "p".repeat(125);
  for (let i = 0; i < 100; i++) await client.send(...Array(50).fill({ opcode: ping, payload }));
  await client.send({ opcode: ping, payload: "last" });
  let pongs = 0;
  for (let bodies = 0; bodies < 7;) {
    const frame = await client.readFrame();
    if (frame?.opcode === pong) pongs++;
    else bodies++;
  }
  assertLess(pongs, 500);
});

Deno.test("a process sends pings and pongs, in order with its messages", async () => {
  await using served = await serveWs();
  await using client = await served.open();
  const { id } = await served.parent.take("connect");
  for (const [type, body] of [[text, "a"], [ping, "b"], [pong, "c"], [binary, "d"]] as const) {
    assertEquals(served.node.send(id, { kind: "message", type, body: bytes(body) }), "accepted");
  }
  const frames = [];
  for (let i = 0; i < 4; i++) frames.push(await client.readFrame());
  assertEquals(frames.map((frame) => [frame?.opcode, frame?.payload]), [
    [text, bytes("a")],
    [ping, bytes("b")],
    [pong, bytes("c")],
    [binary, bytes("d")],
  ]);
});

Deno.test("the answers to pipelined messages leave in one write", async () => {
  const { served, taps } = await serveTapped({ parent: new Inbox(echoes) });
  await using _ = served;
  await using client = await served.open();
  for (const depth of [16, 1, 16]) {
    const [{ writes }] = taps as [typeof taps[0]];
    writes.length = 0;
    const payloads = Array.from({ length: depth }, (_, i) => `${i}`);
    await client.send(...payloads.map((payload) => ({ opcode: text, payload })));
    for (const payload of payloads) assertEquals(await client.readText(), payload);
    // Each of a single piece, which the system need not collect.
    assertEquals(writes.every((chunks) => chunks === 1), true);
    assertLessOrEqual(writes.length, 2);
  }
});

Deno.test("a message to many connections is encoded once", async () => {
  const { served, taps } = await serveTapped();
  await using _ = served;
  const clients = await Promise.all(Array.from({ length: 20 }, () => served.open()));
  const connects = await served.parent.count("connect", 20);
  for (const tap of taps) tap.chunks.length = 0;
  for (const { id } of connects) served.node.send(id, { kind: "message", body: "to all" });
  for (const client of clients) assertEquals(await client.readText(), "to all");
  for (const { chunks } of taps) {
    assertEquals(chunks.length, 1);
    assertStrictEquals(chunks[0], taps[0]!.chunks[0]);
  }
  for (const client of clients) client.close();
});

Deno.test("readBufferBytes and writeBufferBytes are those of the stream", async () => {
  const { served, taps } = await serveTapped({ readBufferBytes: 1_234, writeBufferBytes: 5_678 });
  await using _ = served;
  await using _client = await served.open();
  const { readableHighWaterMark, writableHighWaterMark } = taps[0]!.tcp;
  assertEquals([readableHighWaterMark, writableHighWaterMark], [1_234, 5_678]);
});

Deno.test("a peer that never answers our close frame is dropped within closeTimeoutMs", async () => {
  const { node, clock } = createStage();
  await using served = await serveWs({ node, closeTimeoutMs: 60_000 });
  await using client = await served.open();
  const { id } = await served.parent.take("connect");
  served.node.send(id, { kind: "message", type: close, code: 4001, reason: "token" });
  assertEquals(await client.readClose(), { code: 4001, reason: "token" });
  await clock.advance(59_999);
  assertEquals(served.parent.all("disconnect"), []);
  await clock.advance(1);
  assertEquals((await client.readEnd()).length, 0);
  const { code, reason } = await served.parent.take("disconnect");
  assertEquals([code, reason, served.handler.connections], [4001, "token", 0]);
});

Deno.test("a peer that answers our close frame ends the connection at once", async () => {
  await using served = await serveWs({ closeTimeoutMs: 60_000 });
  await using client = await served.open();
  const { id } = await served.parent.take("connect");
  served.node.send(id, { kind: "message", type: close });
  assertEquals((await client.readClose()).code, 1000);
  await client.send({ opcode: close, payload: closeBody(1000) });
  assertEquals((await client.readEnd()).length, 0);
  assertEquals((await served.parent.take("disconnect")).code, 1000);
});

Deno.test("disconnect comes exactly once, whatever ended the connection", async () => {
  await using served = await serveWs({ closeTimeoutMs: 50, maxMessageBytes: 100 });
  const ends: readonly [
    code: number,
    end: (client: Awaited<ReturnType<typeof served.open>>) => unknown,
  ][] = [
    [1000, (client) => client.send({ opcode: close, payload: closeBody(1000) })],
    [1005, (client) => client.send({ opcode: close })],
    [1006, (client) => client.close()],
    [1006, (client) => client.closeWrite()],
    [1002, (client) => client.send({ opcode: 3 })],
    [1007, (client) => client.send({ opcode: text, payload: new Uint8Array([0xff]) })],
    [1009, (client) => client.send({ opcode: text, length: 101 })],
    [1002, (client) => client.send({ opcode: text, mask: false, payload: "x" }, { opcode: 3 })],
  ];
  for (const [code, end] of ends) {
    const client = await served.open();
    await served.parent.take("connect");
    await end(client);
    assertEquals((await served.parent.take("disconnect")).code, code);
    client.close();
  }
  await settle();
  assertEquals(served.parent.all("disconnect").length, ends.length);
  assertEquals(served.parent.all("message"), []);
  assert(served.handler.connections === 0);
});
