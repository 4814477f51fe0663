import { CallHandlerError } from "../../../src/actor/mod.ts";
import { assertEquals, assertRejects } from "../../helpers/assert.ts";
import { settle } from "../../../src/testing/manual_clock.ts";
import { Inbox } from "../inbox.ts";
import {
  type ConnectionStage,
  createConnection,
  startConnection,
  story,
} from "./connection_stage.ts";

const kind = "message";

/** Each way in which a connection ends, and what its target hears of it. */
const ENDINGS: Readonly<
  Record<string, [end: (stage: ConnectionStage) => unknown, disconnect: string]>
> = {
  "the client closes": [({ peer }) => peer.end(1000, "bye"), "1000 bye"],
  "the client closes without a code": [({ peer }) => peer.end(1005), "1005 "],
  "the client drops the connection": [({ peer }) => peer.end(1006), "1006 "],
  "the application closes": [({ node, alias }) => node.send(alias, { kind, type: 8 }), "1000 "],
  "the application closes with a code": [
    ({ node, alias }) => node.send(alias, { kind, type: 8, code: 4000, reason: "x", body: "y" }),
    "4000 x",
  ],
  "the handler closes": [
    ({ connection }) => connection.close(1001, "going away"),
    "1001 going away",
  ],
  "the handler terminates": [({ connection }) => connection.terminate("killed"), "1006 "],
  "it is asked to stop": [({ node, alias }) => node.exit(alias), "1001 going away"],
  "it is ended for a reason": [({ node, alias }) => node.exit(alias, "enough"), "1011 "],
  "it is killed": [({ node, alias }) => node.exit(alias, "kill"), "1006 "],
  "its parent returns": [({ node, parentPid }) => node.exit(parentPid), "1001 going away"],
  "its parent fails": [({ node, parentPid }) => node.exit(parentPid, "enough"), "1011 "],
  "its parent is killed": [({ node, parentPid }) => node.exit(parentPid, "kill"), "1011 "],
  "the node stops": [({ node }) => node.stop(), "1001 going away"],
  "a message is too long": [
    ({ peer }) => peer.send(1, "x".repeat(101)),
    "1009 longer than 100 bytes",
  ],
};

for (const [how, [end, disconnect]] of Object.entries(ENDINGS)) {
  Deno.test(`disconnect comes exactly once when ${how}`, async () => {
    const stage = await startConnection();
    void end(stage);
    await settle();
    assertEquals(story(stage.target), ["connect", `disconnect ${disconnect}`]);
    assertEquals([story(stage.parent), stage.closed.at(-1)], [[], true]);
    assertEquals(stage.node.send(stage.alias, { kind, body: "" }), "terminated");
    await stage.node.stop();
  });

  Deno.test(`disconnect comes exactly once when ${how} and the client never answers`, async () => {
    const stage = await startConnection({ answersClose: false, closeTimeoutMs: 1 });
    void end(stage);
    const { code, reason } = await stage.target.take("disconnect");
    assertEquals(`${code} ${reason}`, disconnect);
    await stage.node.stop();
    assertEquals(stage.target.all("disconnect").length, 1);
    if (stage.peer.closes.length > 0) assertEquals(stage.peer.terminated, true);
  });
}

Deno.test("a connection whose close frame cannot be written is terminated, and close() does not throw", async () => {
  const { connection, node, peer, target } = await startConnection({
    stalled: true,
    sendQueueBytes: 10,
    slowConsumer: "drop-oldest",
  });
  peer.socket.close = () => {
    throw new TypeError("from the engine");
  };
  connection.close(1001, "going away");
  assertEquals(peer.terminated, true);
  assertEquals((await target.take("disconnect")).code, 1001);
  await node.stop();
});

Deno.test("a connection is terminated when its deadline to stop is over", async () => {
  const { connection, node } = await startConnection({ closeTimeoutMs: 7 });
  // The node's deadline comes after the connection's own.
  assertEquals(connection.stopTimeoutMs, 1_007);
  await node.stop();
});

Deno.test("what a client sends after our close frame reaches nobody", async () => {
  const { node, alias, peer, target } = await startConnection({ answersClose: false });
  await node.call(alias, { kind, type: 8, code: 4000 });
  peer.send(1, "late");
  await assertRejects(node.call(alias, { kind, body: "also late" }), CallHandlerError);
  peer.end(4000);
  await settle();
  assertEquals([story(target), peer.received], [["connect", "disconnect 4000 "], []]);
  assertEquals(peer.closes, [{ code: 4000, reason: "" }]);
  await node.stop();
});

Deno.test("frames that wait when a connection is terminated come to nobody after disconnect", async () => {
  const { node, connection, peer, target } = await startConnection();
  for (const body of ["a", "b", "c"]) peer.send(1, body);
  connection.terminate("killed");
  await settle();
  assertEquals(story(target).at(-1), "disconnect 1006 ");
  assertEquals(target.all("disconnect").length, 1);
  await node.stop();
});

Deno.test("a full mailbox closes with 1013, and disconnect is delivered nevertheless", async () => {
  const gate = Promise.withResolvers<void>();
  const target = new Inbox(() => gate.promise);
  const { node, peer, targetPid } = await startConnection({ target, mailboxSize: 2 });
  for (const body of ["a", "b", "c", "d"]) peer.send(1, body);
  await settle();
  assertEquals(peer.closes, [{ code: 1013, reason: "mailbox full" }]);
  assertEquals((await node.inspect(targetPid)).overflows, 1);
  gate.resolve();
  await settle();
  assertEquals(story(target), [
    "connect",
    "message a",
    "message b",
    "disconnect 1013 mailbox full",
  ]);
  await node.stop();
});

Deno.test("a connection whose connect finds no room closes with 1013 and has no disconnect", async () => {
  const gate = Promise.withResolvers<void>();
  const target = new Inbox(() => gate.promise);
  const { node, targetPid, parent } = await startConnection({ target, mailboxSize: 1 });
  node.send(targetPid, "fills the mailbox");
  const { connection, closed } = createConnection(targetPid);
  node.spawn(async (self) => {
    self.spawnMeta(connection);
    await new Inbox().run(self);
  });
  await settle();
  assertEquals(closed, [true]);
  gate.resolve();
  await settle();
  assertEquals(target.messages.slice(1), ["fills the mailbox"]);
  assertEquals(story(parent), []);
  await node.stop();
});

Deno.test("a connection that was terminated before it ran is closed as well", async () => {
  const { node, targetPid, target } = await startConnection();
  const { connection, closed } = createConnection(targetPid);
  connection.terminate("shutdown");
  assertEquals([closed, target.messages.length], [[true], 1]);
  await node.stop();
});

Deno.test("a connection that is closed before it ran has its connect and disconnect", async () => {
  const { node, targetPid, target } = await startConnection();
  const { connection, closed } = createConnection(targetPid);
  node.spawn(async (self) => {
    self.spawnMeta(connection);
    connection.close(1001, "");
    await new Inbox().run(self);
  });
  await settle();
  assertEquals(story(target), ["connect", "connect", "disconnect 1001 "]);
  assertEquals(closed, [true]);
  await node.stop();
});

Deno.test("disconnect goes to the parent if the target has gone, and is counted if both have", async () => {
  const first = await startConnection();
  await first.node.exit(first.targetPid);
  await settle();
  assertEquals(story(first.target), ["connect"]);
  assertEquals(story(first.parent), ["disconnect 1011 process gone"]);
  await first.node.stop();
  const second = await startConnection({ answersClose: false });
  await Promise.all([
    second.node.exit(second.targetPid, "kill"),
    second.node.exit(second.parentPid, "kill"),
  ]);
  second.peer.end(1006);
  await settle();
  assertEquals([second.closed, story(second.parent)], [[false], []]);
  await second.node.stop();
});
