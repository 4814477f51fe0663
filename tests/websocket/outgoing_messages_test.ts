import { createNode } from "../../src/actor/mod.ts";
import { assertOutgoing } from "../../src/websocket/connection/outgoing.ts";
import { bytes, close, json, ping, pong, text } from "../../src/websocket/mod.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { linkNodes } from "../../src/cluster/mod.ts";
import { serveWs } from "./ws_stage.ts";

const kind = "message";

Deno.test("text(), bytes(), json(), ping(), pong() and close() make plain data that may be sent", () => {
  const body = new Uint8Array([0xff]);
  const cases = [
    [text("hi"), { kind, type: 1, body: "hi" }],
    [bytes(body), { kind, type: 2, body }],
    [json({ a: [1, null] }), { kind, type: 1, body: '{"a":[1,null]}' }],
    [ping(), { kind, type: 9, body: "" }],
    [ping("p"), { kind, type: 9, body: "p" }],
    [pong(body), { kind, type: 10, body }],
    [close(), { kind, type: 8, code: 1000, reason: "" }],
    [close(4500, "bad token"), { kind, type: 8, code: 4500, reason: "bad token" }],
  ] as const;
  for (const [made, plain] of cases) {
    assertEquals(made, plain);
    assertEquals(structuredClone(made), plain);
    assertOutgoing(made);
  }
});

Deno.test("a message that is wrong fails where it is made", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const cases: [() => unknown, typeof TypeError | typeof RangeError, string][] = [
    [() => text(5 as never), TypeError, "Cannot make a text message: got 5, expected a string"],
    [() => bytes("x" as never), TypeError, 'binary message: got "x", expected a Uint8Array'],
    [() => bytes(new ArrayBuffer(1) as never), TypeError, "expected a Uint8Array"],
    [() => json(undefined), TypeError, "JSON message: got undefined, expected a value that JSON"],
    [() => json(() => {}), TypeError, "expected a value that JSON can express"],
    [() => json(cyclic), TypeError, "circular"],
    [() => json(1n), TypeError, "BigInt"],
    [() => ping("x".repeat(126)), RangeError, "got 126 bytes, expected at most 125"],
    [() => pong(5 as never), TypeError, "Cannot send to a connection"],
    [() => close(1005), RangeError, "got code 1005"],
    [() => close(1000, "x".repeat(124)), RangeError, "got a reason of 124 bytes"],
  ];
  for (const [make, error, message] of cases) assertThrows(make, error, message);
});

Deno.test("a message that was made once arrives at many, also from another node", async () => {
  await using served = await serveWs();
  await using there = createNode({ name: "there@host" });
  linkNodes(there, served.node);
  const clients = await Promise.all(Array.from({ length: 3 }, () => served.open()));
  const ids = (await served.parent.count("connect", 3)).map(({ id }) => id);
  const hello = text("hello");
  there.spawn((self) => {
    assertEquals(self.sendAll(ids, hello), 3);
    return Promise.resolve();
  });
  for (const client of clients) assertEquals(await client.readText(), "hello");
  for (const id of ids) served.node.send(id, close(4500, "enough"));
  for (const client of clients) {
    assertEquals(await client.readClose(), { code: 4500, reason: "enough" });
    await client.send({ opcode: OPCODE.close, payload: new Uint8Array([0x11, 0x94]) });
    client.close();
  }
});

Deno.test("a plain message that was changed after it was sent is checked again", () => {
  const message: { kind: string; body: unknown } = { kind: "message", body: "x" };
  const check = () => assertOutgoing(message as unknown);
  check();
  message.body = 5;
  assertThrows(check, TypeError, "Cannot send to a connection");
});

Deno.test("a plain message is checked once for all connections of one sendAll()", () => {
  let looks = 0;
  const message: unknown = {
    kind: "message",
    get body() {
      looks++;
      return "x";
    },
  };
  const round = {};
  for (let receivers = 0; receivers < 1000; receivers++) assertOutgoing(message, round);
  assertEquals(looks, 1);
  assertOutgoing(message, {});
  assertEquals(looks, 2);
});
