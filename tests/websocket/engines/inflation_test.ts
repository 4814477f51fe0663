import { InflateRaw } from "node:zlib";
import { Inflater } from "../../../src/websocket/engines/inflation.ts";
import { assertEquals, assertLess } from "../../helpers/assert.ts";
import { closeBody, OPCODE } from "../../../src/testing/frames.ts";
import { deflate } from "../../conformance/deflate.ts";
import { echoes, Inbox } from "../inbox.ts";
import { serveWs } from "../ws_stage.ts";

const { text, binary, continuation } = OPCODE;
const OFFER = { headers: { "Sec-WebSocket-Extensions": "permessage-deflate" } };

/** Counts the bytes that are inflated, by streams and at once, until disposed. */
function countInflated(): { bytes: number } & Disposable {
  const { push } = InflateRaw.prototype;
  const { inflateNow } = Inflater.prototype;
  const counter = {
    bytes: 0,
    [Symbol.dispose]: () => {
      InflateRaw.prototype.push = push;
      Inflater.prototype.inflateNow = inflateNow;
    },
  };
  Inflater.prototype.inflateNow = function (data, maxBytes) {
    const inflated = inflateNow.call(this, data, maxBytes);
    if (typeof inflated === "object") counter.bytes += inflated.length;
    return inflated;
  };
  InflateRaw.prototype.push = function (chunk, encoding) {
    counter.bytes += chunk?.length ?? 0;
    return push.call(this, chunk, encoding);
  };
  return counter;
}

Deno.test("a bomb of 1000 to 1 is closed with 1009, inflated hardly beyond the limit", async () => {
  const bomb = deflate(new Uint8Array(32 * 1_048_576));
  assertLess(bomb.length, 65_536);
  await using served = await serveWs({ compression: true, maxMessageBytes: 65_536 });
  using inflated = countInflated();
  for (const split of [bomb.length, 1_000]) {
    await using client = await served.open(OFFER);
    inflated.bytes = 0;
    await client.send(
      { opcode: binary, rsv: 4, fin: split === bomb.length, payload: bomb.subarray(0, split) },
      { opcode: continuation, payload: bomb.subarray(split) },
    );
    assertEquals((await client.readClose()).code, 1009);
    // A part or two of 16 KiB beyond it.
    assertLess(inflated.bytes, 65_536 + 2 * 16_384 + 1);
  }
  assertEquals(served.parent.all("message"), []);
});

Deno.test("corrupt deflate on one connection leaves the others alone", async () => {
  await using served = await serveWs({ compression: true, parent: new Inbox(echoes) });
  await using bystander = await served.open(OFFER);
  const corrupt = [[0xff, 0xff, 0xff, 0xff], [0x07, 0x00], [0x02, 0x13, 0x00], [1, 5, 0, 0, 0, 65]];
  for (const bytes of corrupt) {
    await using client = await served.open(OFFER);
    const hello = { opcode: text, rsv: 4, payload: deflate("hello") };
    await client.send(hello, { opcode: text, rsv: 4, payload: new Uint8Array(bytes) }, hello);
    assertEquals((await client.readClose()).code, 1007);
    await bystander.send(hello);
    assertEquals(await bystander.readText(), "hello");
  }
});

Deno.test("clients that leave while a message is inflated leave nothing behind", async () => {
  await using served = await serveWs({ compression: true, maxMessageBytes: 67_108_864 });
  const payload = deflate(new Uint8Array(16 * 1_048_576));
  for (let i = 0; i < 10; i++) {
    const client = await served.open(OFFER);
    await client.send({ opcode: binary, rsv: 4, payload });
    client.close();
  }
  await served.parent.count("disconnect", 10);
  assertEquals(served.handler.connections, 0);
});

Deno.test("a connection that is ended while a message is inflated gets no more of it", async () => {
  await using served = await serveWs({ compression: true, maxMessageBytes: 67_108_864 });
  for (let i = 0; i < 5; i++) {
    await using client = await served.open(OFFER);
    const { id } = await served.parent.take("connect");
    await client.send({
      opcode: binary,
      rsv: 4,
      payload: deflate(new Uint8Array(16 * 1_048_576)),
    });
    await served.node.exit(id, "kill");
    await served.parent.take("disconnect");
  }
  assertEquals(served.handler.connections, 0);
});

Deno.test("a connection that is paused inflates no further than the next message", async () => {
  const rateLimit = { messagesPerSecond: 10, burst: 1 };
  await using served = await serveWs({ compression: true, rateLimit });
  await using client = await served.open(OFFER);
  using inflated = countInflated();
  const body = new Uint8Array(60_000);
  const frame = { opcode: binary, rsv: 4, payload: deflate(body) };
  await client.send(...Array.from({ length: 100 }, () => frame));
  const [first] = await served.parent.count("message", 4);
  assertEquals(first!.body, body);
  // The four that came, the one that waits for its turn, and the one behind it.
  assertLess(3 * body.length, inflated.bytes);
  assertLess(inflated.bytes, 6 * body.length + 1);
  await served.node.exit(first!.id, "kill");
  await served.parent.take("disconnect");
  assertEquals(served.handler.connections, 0);
});

Deno.test("a connection that was paused gets every message, in order, and its end", async () => {
  const rateLimit = { messagesPerSecond: 1_000, burst: 1 };
  await using served = await serveWs({ compression: true, rateLimit });
  await using client = await served.open(OFFER);
  const texts = Array.from({ length: 50 }, (_, n) => `${n} `.repeat(1_000));
  await client.send(
    ...texts.map((body) => ({ opcode: text, rsv: 4, payload: deflate(body) })),
    { opcode: OPCODE.close, payload: closeBody(4321) },
  );
  const { code } = await served.parent.take("disconnect");
  assertEquals(code, 4321);
  assertEquals(served.parent.all("message").map(({ body }) => body), texts);
});

Deno.test("small messages are inflated at once, in any number, and a small bomb is closed with 1009", async () => {
  await using served = await serveWs({ compression: true, maxMessageBytes: 262_144 });
  using inflated = countInflated();
  await using client = await served.open(OFFER);
  const frame = { opcode: text, rsv: 4, payload: deflate("grüße") };
  await client.send(...Array.from({ length: 5_000 }, () => frame));
  const messages = await served.parent.count("message", 5_000);
  assertEquals(new Set(messages.map(({ body }) => body)), new Set(["grüße"]));
  assertEquals(inflated.bytes, 5_000 * 7);
  // More than is inflated at once, and no more than may come.
  const large = "x".repeat(262_144);
  await client.send({ opcode: text, rsv: 4, payload: deflate(large) });
  const { body } = (await served.parent.count("message", 5_001)).at(-1)!;
  assertEquals(body === large, true);
  await client.send({ opcode: text, rsv: 4, payload: deflate(`${large}x`) });
  assertEquals((await client.readClose()).code, 1009);
});
