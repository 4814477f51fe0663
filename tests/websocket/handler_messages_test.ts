import type { Alias } from "../../src/actor/mod.ts";
import { assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";
import { closeBody, OPCODE } from "../../src/testing/frames.ts";
import { echoes, Inbox } from "./inbox.ts";
import { captureLogs } from "./logs.ts";
import { serveHandler } from "./stage.ts";

const { text, binary, close } = OPCODE;
const kind = "message";

/** A handler with one open connection. */
async function serveOne(parent = new Inbox()) {
  const served = await serveHandler({ parent });
  const client = await served.open();
  const { id } = await parent.take("connect");
  return {
    ...served,
    client,
    id,
    async [Symbol.asyncDispose]() {
      client.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

Deno.test("texts and bytes make the round trip as they are", async () => {
  await using served = await serveOne(new Inbox(echoes));
  const { client } = served;
  for (const payload of ["", "plain", "grüße €😀", "\u0000\ufeff"]) {
    await client.send({ opcode: text, payload });
    assertEquals(await client.readText(), payload);
  }
  for (const payload of [new Uint8Array(), new Uint8Array([0, 255, 128])]) {
    await client.send({ opcode: binary, payload });
    const frame = await client.readFrame();
    assertEquals([frame?.opcode, frame?.payload], [binary, payload]);
  }
  const [first] = served.parent.all("message");
  assertEquals(first, { kind, id: served.id, type: 1, body: "" });
});

Deno.test("what several processes send to one connection keeps each sender's order", async () => {
  await using served = await serveOne();
  const { node, client, id } = served;
  for (const name of ["a", "b"]) {
    // deno-lint-ignore require-await -- it is a process
    node.spawn(async (self) => {
      for (let i = 0; i < 50; i++) self.send(id, { kind, body: `${name}${i}` });
    });
  }
  const got: string[] = [];
  for (let i = 0; i < 100; i++) got.push(await client.readText());
  for (const name of ["a", "b"]) {
    const own = got.filter((each) => each.startsWith(name));
    assertEquals(own, Array.from({ length: 50 }, (_, index) => `${name}${index}`));
  }
});

Deno.test("the application closes with code and reason, and hears of it with the same", async () => {
  await using served = await serveOne();
  const { node, client, id, parent } = served;
  node.send(id, { kind, body: "last words" });
  node.send(id, { kind, type: 8, code: 4503, reason: "kicked" });
  assertEquals(await client.readText(), "last words");
  assertEquals(await client.readClose(), { code: 4503, reason: "kicked" });
  await client.send({ opcode: close, payload: closeBody(4503) });
  const { code, reason } = await parent.take("disconnect");
  assertEquals([code, reason], [4503, "kicked"]);
  assertEquals((await client.readEnd()).length, 0);
  assertEquals(node.send(id, { kind, body: "too late" }), "terminated");
});

Deno.test("the client closes, and the application hears of it with its code and reason", async () => {
  await using served = await serveOne();
  await served.client.send({ opcode: close, payload: closeBody(3001, "wiedersehen, grüße") });
  const { code, reason } = await served.parent.take("disconnect");
  assertEquals([code, reason], [3001, "wiedersehen, grüße"]);
});

Deno.test("a client that drops the connection is reported with 1006", async () => {
  await using served = await serveOne();
  served.client.close();
  const { id, code, reason } = await served.parent.take("disconnect");
  assertEquals([id, code, reason], [served.id, 1006, ""]);
});

Deno.test("a message that is refused is the sender's error, the connection unharmed", async () => {
  await using served = await serveOne();
  const { node, id, client } = served;
  for (const code of [999, 1005, 1006, 1015, 5000]) {
    assertThrows(() => node.send(id, { kind, type: 8, code }), RangeError, `got code ${code}`);
  }
  const reason = "x".repeat(124);
  assertThrows(() => node.send(id, { kind, type: 8, reason }), RangeError, "124 bytes");
  /** What JavaScript, and whoever has the address as a text, may send all the same. */
  const unknowing: Alias = id;
  assertThrows(() => node.send(unknowing, { kind }), TypeError, "Cannot send to a connection");
  assertThrows(() => node.send(unknowing, { body: "x" }), TypeError, "Cannot send to a connection");
  await assertRejects(node.call(unknowing, { kind, type: 3, body: "x" }), TypeError, "type: 3");
  node.send(id, { kind, body: "unharmed" });
  assertEquals(await client.readText(), "unharmed");
});

Deno.test("a ping to a connection of engine native is dropped with a warning", async () => {
  await using logs = captureLogs();
  await using served = await serveOne();
  const { node, id, client } = served;
  node.send(id, { kind, type: 9, body: "ping" });
  node.send(id, { kind, type: 10, body: new Uint8Array(1) });
  node.send(id, { kind, body: "after" });
  assertEquals(await client.readText(), "after");
  const warnings = await logs.lines("warning");
  assertEquals(warnings.length, 2);
});

Deno.test("a body that the engine cannot write closes that connection with 1011 and no other", async () => {
  await using logs = captureLogs();
  await using served = await serveOne();
  const { node, id, client, parent } = served;
  await using other = await served.open();
  const otherId = (await parent.take("connect")).id;
  node.send(id, { kind, type: 2, body: new Uint8Array(new SharedArrayBuffer(4)) });
  assertEquals((await client.readClose()).code, 1011);
  client.close();
  assertEquals((await parent.take("disconnect")).code, 1011);
  node.send(otherId, { kind, body: "undisturbed" });
  assertEquals(await other.readText(), "undisturbed");
  assertEquals((await logs.lines("error")).length, 1);
});

Deno.test("a handler takes no messages: it logs them, and answers calls with an error", async () => {
  await using logs = captureLogs();
  await using served = await serveHandler();
  const { node, alias } = served;
  assertEquals(node.send(alias, "what?"), "accepted");
  await assertRejects(node.call(alias, "who?"), Error, "takes no requests");
  const warnings = await logs.lines("warning");
  assertEquals(warnings.length, 2);
  assertEquals((await served.handshake()).status, 101);
});

Deno.test("inspect of a handler counts connections, handshakes and refusals", async () => {
  await using served = await serveHandler({ pool: ["a", "b"] });
  const { node, alias } = served;
  node.spawn(new Inbox().run, { name: "a" });
  await using client = await served.open();
  await client.send({ opcode: text, payload: "up" });
  await served.handshake({ method: "POST" });
  const record = await node.inspect(alias);
  assertEquals([record.kind, record.pool, record.orphaned], ["meta", "a b", 0]);
  assertEquals([record.connections, record.accepted, record.refused], [1, 1, 1]);
});
