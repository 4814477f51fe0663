import { CallHandlerError, CallTerminatedError } from "../../../src/actor/mod.ts";
import { assertEquals, assertRejects } from "../../helpers/assert.ts";
import { settle } from "../../../src/testing/manual_clock.ts";
import { type ConnectionStage, startConnection } from "./connection_stage.ts";

const DROP_OLDEST = { stalled: true, sendQueueBytes: 10, slowConsumer: "drop-oldest" } as const;

/** Calls the connection; what came of it is noted when it is known. */
function callAll({ node, alias }: ConnectionStage, bodies: readonly string[]): string[] {
  const known: string[] = [];
  for (const body of bodies) {
    node.call(alias, { kind: "message", body }).then(
      (value) => known.push(`${body} ${value}`),
      (error) => known.push(`${body} ${(error.cause ?? error).message}`),
    );
  }
  return known;
}

Deno.test("a call to a connection is true when its message was handed to the socket", async () => {
  const stage = await startConnection();
  const known = callAll(stage, ["a", "b"]);
  await settle();
  assertEquals(known, ["a true", "b true"]);
  assertEquals(stage.peer.received.map(({ body }) => body), ["a", "b"]);
  await stage.node.stop();
});

Deno.test("a call whose message waits is settled when that is handed over or dropped", async () => {
  const stage = await startConnection(DROP_OLDEST);
  const known = callAll(stage, ["aaaaa", "bbbbb", "ccccc"]);
  await settle();
  const dropped = "bbbbb Cannot send a message: it made room for a newer one";
  assertEquals(known, ["aaaaa true", dropped]);
  assertEquals((await stage.node.inspect(stage.alias)).dropped, 1);
  stage.peer.read();
  await settle();
  assertEquals(known, ["aaaaa true", dropped, "ccccc true"]);
  assertEquals(stage.peer.received.map(({ body }) => body), ["aaaaa"]);
  await stage.node.stop();
});

Deno.test("a call whose message waits when the connection closes is true if it still goes out", async () => {
  const stage = await startConnection({ ...DROP_OLDEST, answersClose: false });
  const known = callAll(stage, ["aaaaa", "bbbbb"]);
  await settle();
  stage.node.send(stage.alias, { kind: "message", type: 8 });
  await settle();
  assertEquals(known, ["aaaaa true", "bbbbb true"]);
  stage.peer.read();
  assertEquals(stage.peer.received.map(({ body }) => body), ["aaaaa", "bbbbb"]);
  stage.peer.end(1000);
  await stage.node.stop();
});

for (const end of ["terminated", "dropped by the peer"]) {
  Deno.test(`a call whose message waits when the connection is ${end} rejects`, async () => {
    const stage = await startConnection(DROP_OLDEST);
    const known = callAll(stage, ["aaaaa", "bbbbb"]);
    await settle();
    if (end === "terminated") await stage.node.exit(stage.alias, "kill");
    else stage.peer.end(1006);
    await settle();
    assertEquals(known, ["aaaaa true", "bbbbb Cannot send a message: the connection has ended"]);
    const late = stage.node.call(stage.alias, { kind: "message", body: "late" });
    await assertRejects(late, CallTerminatedError);
    await stage.node.stop();
  });
}

Deno.test("a call rejects once the close frame is on its way, whatever it asks for", async () => {
  const { node, alias, peer } = await startConnection({ answersClose: false });
  const close = { kind: "message", type: 8, code: 4000 };
  assertEquals(await node.call(alias, close), true);
  const text = "Cannot send a message: the connection is closing";
  for (const message of [close, { kind: "message", body: "x" }, { ...close, type: 9, body: "" }]) {
    await assertRejects(node.call(alias, message), CallHandlerError, text);
  }
  assertEquals([peer.closes, peer.received], [[{ code: 4000, reason: "" }], []]);
  peer.end(4000);
  await node.stop();
});

Deno.test("a call rejects when the peer has closed and the connection is about to end", async () => {
  const stage = await startConnection();
  stage.peer.end(4001);
  const known = callAll(stage, ["a"]);
  const close = stage.node.call(stage.alias, { kind: "message", type: 8 });
  await assertRejects(close);
  assertEquals(known.length, 1);
  assertEquals([known[0]!.includes("true"), stage.peer.received], [false, []]);
  await stage.node.stop();
});

Deno.test("a call rejects when the socket does not take the message, which is not counted as sent", async () => {
  const stage = await startConnection();
  stage.peer.socket.send = () => false;
  const known = callAll(stage, ["a"]);
  await settle();
  assertEquals(known.length, 1);
  assertEquals(known[0]!.startsWith("a Cannot send a message: "), true);
  assertEquals((await stage.node.inspect(stage.alias)).dropped, 1);
  await stage.node.stop();
});
