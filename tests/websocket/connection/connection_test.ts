import { CallHandlerError } from "../../../src/actor/mod.ts";
import { assertEquals, assertRejects, assertThrows } from "../../helpers/assert.ts";
import { settle } from "../../../src/testing/manual_clock.ts";
import { echoes, Inbox } from "../inbox.ts";
import { captureLogs } from "../logs.ts";
import { INFO, startConnection, story } from "./connection_stage.ts";

const kind = "message";

Deno.test("a connection tells its target: connect first, messages in order, disconnect last", async () => {
  const { node, alias, peer, target, parent, closed } = await startConnection();
  for (const body of ["a", "b", "c"]) peer.send(1, body);
  peer.end(3000, "enough");
  await settle();
  assertEquals(story(target), [
    "connect",
    "message a",
    "message b",
    "message c",
    "disconnect 3000 enough",
  ]);
  assertEquals(target.messages[0], { kind: "connect", id: alias, ...INFO });
  assertEquals(target.messages[1], { kind, id: alias, type: 1, body: "a" });
  assertEquals([story(parent), closed], [[], [true]]);
  assertEquals(node.send(alias, { kind, body: "late" }), "terminated");
  await node.stop();
});

Deno.test("a connection writes what is sent to its alias, in order", async () => {
  const { node, alias, peer } = await startConnection();
  node.send(alias, { kind, body: "a" });
  node.send(alias, { kind, type: 2, body: new Uint8Array([1]) });
  assertEquals(await node.call(alias, { kind, id: "ignored", type: 9, body: "p" }), true);
  assertEquals(peer.received, [
    { type: 1, body: "a" },
    { type: 2, body: new Uint8Array([1]) },
    { type: 9, body: "p" },
  ]);
  await node.stop();
});

Deno.test("a message that a connection refuses is the sender's error and harms nobody", async () => {
  const { node, alias, peer } = await startConnection();
  assertThrows(() => node.send(alias, { kind, type: 8, code: 1005 }), RangeError, "got code 1005");
  assertThrows(() => node.send(alias, { kind, body: 7 }), TypeError, "Cannot send to a connection");
  assertThrows(() => node.send(alias, "text"), TypeError, "Cannot send to a connection");
  await assertRejects(node.call(alias, { kind, type: 8, code: 99 }), RangeError, "got code 99");
  await node.call(alias, { kind, body: "unharmed" });
  assertEquals([peer.received.length, peer.closes], [1, []]);
  await node.stop();
});

Deno.test("a message that the engine cannot write closes with 1011 and ends nothing else", async () => {
  await using logs = captureLogs();
  const { node, alias, peer, target } = await startConnection({ answersClose: false });
  peer.socket.send = () => {
    throw new TypeError("from the engine");
  };
  const call = node.call(alias, { kind, body: "x" });
  await assertRejects(call, CallHandlerError, "TypeError: from the engine");
  assertEquals(peer.closes, [{ code: 1011, reason: "" }]);
  await assertRejects(node.call(alias, { kind, body: "y" }), CallHandlerError, "is closing");
  assertEquals((await logs.lines("error")).length, 1);
  peer.end(1011);
  assertEquals((await target.take("disconnect")).code, 1011);
  await node.stop();
});

Deno.test("a slow consumer is closed with 4002; to another policy it loses messages", async () => {
  const closing = await startConnection({ stalled: true, sendQueueBytes: 10 });
  for (const body of ["12345", "67890"]) {
    assertEquals(await closing.node.call(closing.alias, { kind, body }), true);
  }
  const tooMany = closing.node.call(closing.alias, { kind, body: "x" });
  await assertRejects(tooMany, CallHandlerError, "the client reads too slowly");
  assertEquals(closing.peer.closes, [{ code: 4002, reason: "slow consumer" }]);
  await closing.node.stop();
  const limits = { sendQueueBytes: 10, slowConsumer: "drop-oldest" } as const;
  const dropping = await startConnection({ stalled: true, ...limits });
  for (const body of ["12345", "67890", "x"]) dropping.node.send(dropping.alias, { kind, body });
  await settle();
  const { dropped, sendQueueBytes } = await dropping.node.inspect(dropping.alias);
  assertEquals([dropped, sendQueueBytes, dropping.peer.closes], [1, 6, []]);
  await dropping.node.stop();
});

Deno.test("a connection that is closed sends what still waits before its close frame", async () => {
  const limits = { sendQueueBytes: 10, slowConsumer: "drop-oldest" } as const;
  const { node, alias, peer, target } = await startConnection({
    stalled: true,
    answersClose: false,
    ...limits,
  });
  for (const body of ["12345", "67890"]) node.send(alias, { kind, body });
  await node.call(alias, { kind, type: 8, code: 4000 });
  for (let i = 0; i < 3; i++) {
    peer.read();
    await settle();
  }
  assertEquals(peer.received.map(({ body }) => body), ["12345", "67890"]);
  assertEquals((await node.inspect(alias)).dropped, 0);
  peer.end(4000);
  assertEquals((await target.take("disconnect")).code, 4000);
  await node.stop();
});

Deno.test("a connection that gives its peer up drops what waits, so that the peer hears why", async () => {
  const { node, alias, connection, peer } = await startConnection({
    stalled: true,
    answersClose: false,
    sendQueueBytes: 10,
    slowConsumer: "drop-oldest",
    readTimeoutMs: 50,
  });
  for (const body of ["12345", "67890"]) node.send(alias, { kind, body });
  await settle();
  for (const nowMs of [0, 50]) connection.look(nowMs);
  assertEquals(peer.closes, [{ code: 1008, reason: "read timeout" }]);
  assertEquals((await node.inspect(alias)).dropped, 1);
  for (let i = 0; i < 3; i++) {
    peer.read();
    await settle();
  }
  assertEquals(peer.received.map(({ body }) => body), ["12345"]);
  peer.end(1008);
  await node.stop();
});

Deno.test("inspect of a connection says who its target is and how it stands", async () => {
  const { node, alias, targetPid, parentPid } = await startConnection({ answersClose: false });
  const before = await node.inspect(alias);
  assertEquals(
    [before.kind, before.parent, before.target, before.closing, before.sendQueueBytes],
    ["meta", parentPid, targetPid, 0, 0],
  );
  await node.call(alias, { kind, type: 8, code: 4000 });
  assertEquals((await node.inspect(alias)).closing, 4000);
  await node.exit(alias, "kill");
  await node.stop();
});

Deno.test("an echo over a connection keeps order and type", async () => {
  const { node, peer } = await startConnection({ target: new Inbox(echoes) });
  const bytes = new Uint8Array([1, 2]);
  for (let i = 0; i < 100; i++) peer.send(1, String(i));
  peer.send(2, bytes);
  await settle();
  const expected = Array.from({ length: 100 }, (_, index) => ({ type: 1, body: String(index) }));
  assertEquals(peer.received, [...expected, { type: 2, body: bytes }] as typeof peer.received);
  await node.stop();
});
