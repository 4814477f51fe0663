import {
  type Alias,
  createNode,
  createSupervisor,
  type Node,
  type Process,
} from "../../src/actor/mod.ts";
import { BATCH_INTERVAL_MS } from "../../src/websocket/batches.ts";
import { WebSocketHandler } from "../../src/websocket/handler.ts";
import { type Handler, HANDLER_DEFAULTS } from "../../src/websocket/mod.ts";
import { createStage } from "../actor/stage.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { inDeadline } from "../../src/testing/deadline.ts";
import { closeBody, OPCODE } from "../../src/testing/frames.ts";
import { settle, settleUntil } from "../../src/testing/manual_clock.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { echoes, Inbox } from "./inbox.ts";
import { captureLogs } from "./logs.ts";
import { listenNative, type Served, serveHandler, type ServeOptions } from "./stage.ts";

/** A handler over one process with so many open connections. */
async function serveMany(count: number, options: ServeOptions = {}) {
  const served = await serveHandler({ pool: ["target"], ...options });
  const target = new Inbox();
  served.node.spawn(target.run, { name: "target" });
  const clients = await Promise.all(Array.from({ length: count }, () => served.open()));
  await target.count("connect", count);
  return {
    ...served,
    target,
    clients,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

/** Reads the close frame and answers it, as every orderly client does. */
async function answerClose(client: RawClient): Promise<number> {
  const { code } = await client.readClose();
  await client.send({ opcode: OPCODE.close, payload: closeBody(code) });
  return code;
}

/** Ways in which the handler ends, and the close code of its connections. */
const ENDINGS: Readonly<Record<string, [end: (served: Served) => Promise<void>, code: number]>> = {
  "the node stops": [({ node }) => node.stop(), 1001],
  "the handler is asked to stop": [({ node, alias }) => node.exit(alias), 1001],
  "the handler is killed": [({ node, alias }) => node.exit(alias, "kill"), 1001],
  "the handler is drained": [({ handler }) => handler.drain({ spreadMs: 0 }), 1001],
  "the parent returns": [({ node, parentPid }) => node.exit(parentPid), 1001],
  "the parent fails": [({ node, parentPid }) => node.exit(parentPid, "panic"), 1011],
  "the parent is killed": [({ node, parentPid }) => node.exit(parentPid, "kill"), 1011],
};

for (const [how, [end, code]] of Object.entries(ENDINGS)) {
  Deno.test(`connections are closed with ${code} when ${how}, each reported once`, async () => {
    await using served = await serveMany(3);
    const { handler, target, clients } = served;
    const ended = end(served);
    assertEquals(await Promise.all(clients.map(answerClose)), [code, code, code]);
    await inDeadline("the end", ended);
    const disconnects = await target.count("disconnect", 3);
    assertEquals(new Set(disconnects.map(({ id }) => id)).size, 3);
    assertEquals(handler.connections, 0);
    await served.node.stop();
    assertEquals([target.all("disconnect").length, served.parent.messages.length], [3, 0]);
    assertEquals((await served.handshake()).status, 503);
  });
}

Deno.test("a parent that is the target and throws closes its connections with 1011", async () => {
  const parent = new Inbox((_, message) => {
    if ((message as { body?: unknown }).body === "throw") throw new Error("from the process");
  });
  await using served = await serveHandler({ parent });
  await using client = await served.open();
  await client.send({ opcode: OPCODE.text, payload: "throw" });
  assertEquals(await answerClose(client), 1011);
  assertEquals((await client.readEnd()).length, 0);
});

Deno.test("a peer that never answers is given up, and disconnect comes once", async () => {
  const { node, clock } = createStage();
  await using served = await serveMany(2, { node });
  const { target, clients, handler } = served;
  const [first, second] = await target.count("connect", 2);
  node.send(first!.id, { kind: "message", type: 8, code: 4000, reason: "out" });
  await clock.advance(5_000);
  const { code, reason } = await target.take("disconnect");
  assertEquals([code, reason, handler.connections], [4000, "out", 1]);
  const stopped = node.stop();
  await clock.advance(5_000);
  await inDeadline("the stop of the node", stopped);
  assertEquals(target.all("disconnect").map(({ id }) => id), [first!.id, second!.id]);
  assertEquals(await clients[0]!.readClose(), { code: 4000, reason: "out" });
});

/** A handler under a supervisor, whose process throws at every text `throw`. */
async function serveSupervised() {
  const node = createNode();
  const handler = new WebSocketHandler({}, 300);
  const parent = new Inbox(async (self, message) => {
    if ((message as { body?: unknown }).body === "throw") throw new Error("from the process");
    await echoes(self, message);
  });
  const run = async (self: Process) => {
    self.spawnMeta(handler);
    await parent.run(self);
  };
  node.spawn(createSupervisor({ children: [{ id: "web", run, options: { name: "web" } }] }));
  const listener = listenNative(handler);
  await settle();
  return {
    node,
    handler,
    parent,
    open: () => RawClient.open({ port: listener.port }),
    async [Symbol.asyncDispose]() {
      await node.stop();
      await listener.shutdown();
    },
  };
}

async function assertEchoes(client: RawClient): Promise<void> {
  await client.send({ opcode: OPCODE.text, payload: "echo" });
  assertEquals(await client.readText(), "echo");
}

/** Resolves when an actor has ended. */
async function watchEnd(node: Node, alias: Alias): Promise<void> {
  const ended = Promise.withResolvers<void>();
  node.spawn(async (self) => {
    self.monitor(alias);
    // The only message that comes is that the actor is down.
    for await (const _ of self) ended.resolve();
  });
  await ended.promise;
}

Deno.test("a handler serves on under a parent that was started again", async () => {
  await using served = await serveSupervised();
  await using silent = await served.open();
  const ended = watchEnd(served.node, (await served.parent.take("connect")).id);
  await using first = await served.open();
  await first.send({ opcode: OPCODE.text, payload: "throw" });
  assertEquals(await answerClose(first), 1011);
  await using second = await served.open();
  await assertEchoes(second);
  // The one that does not answer is given up, and nobody else with it.
  assertEquals((await silent.readClose()).code, 1011);
  await inDeadline("the end of the silent one", ended);
  await assertEchoes(second);
  assertEquals(served.handler.connections, 1);
  second.close();
});

Deno.test("a handler that drains refuses handshakes under a parent that was started again", async () => {
  await using served = await serveSupervised();
  const { node, handler } = served;
  await handler.drain({ spreadMs: 0 });
  const before = node.whereis("web");
  node.send("web", { body: "throw" });
  await settle();
  assert(node.whereis("web") !== before);
  assertEquals(handler.closedBecause(), "the server is going away");
});

Deno.test("a handler that runs is not spawned a second time", async () => {
  await using logs = captureLogs();
  await using served = await serveHandler({ parent: new Inbox(echoes) });
  const { node, handler } = served;
  const other = node.spawn(async (self) => {
    self.spawnMeta(handler);
    for await (const _ of self);
  });
  await settle();
  const [line] = await logs.lines("error");
  assertStringIncludes(
    JSON.stringify(line),
    "Cannot spawn the handler: it is running, expected one that is not",
  );
  await node.exit(other);
  await using client = await served.open();
  await assertEchoes(client);
  client.close();
});

Deno.test("drain() refuses handshakes and resolves when the last connection has ended", async () => {
  await using served = await serveMany(2);
  const { handler, clients } = served;
  const drained = handler.drain({ spreadMs: 0, code: 4000, reason: "drain" });
  const refused = await served.refusal();
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "5"]);
  assertEquals(refused.body, "Cannot upgrade: the server is going away\n");
  assertEquals(await clients[0]!.readClose(), { code: 4000, reason: "drain" });
  assertEquals(handler.connections, 2);
  await Promise.all([clients[1]!.readClose(), ...clients.map((client) => answerAfter(client))]);
  await inDeadline("the drain", drained);
  assertEquals(handler.connections, 0);
  await handler.drain({ spreadMs: 0 });
});

/** Answers a close frame that has been read. */
function answerAfter(client: RawClient): Promise<void> {
  return client.send({ opcode: OPCODE.close, payload: closeBody(4000) });
}

Deno.test("drain() closes in batches over the time given, and no sooner", async () => {
  const { node, clock } = createStage();
  await using served = await serveMany(6, { node });
  const { handler, clients, target } = served;
  const closed: string[] = [];
  const answering = clients.map(async (client) => {
    await answerClose(client);
    closed.push(client.localAddr);
  });
  const drained = handler.drain({ spreadMs: 3 * BATCH_INTERVAL_MS });
  for (const left of [4, 2, 0]) {
    await settleUntil("the batch", () => handler.connections <= left);
    await clock.advance(BATCH_INTERVAL_MS - 1);
    assertEquals(handler.connections, left);
    await clock.advance(1);
  }
  await inDeadline("the drain", drained);
  await Promise.all(answering);
  const order = target.all("connect").map(({ remoteAddr }) => remoteAddr);
  const batches = (list: readonly string[]) =>
    [0, 2, 4].map((first) => list.slice(first, first + 2).toSorted());
  assertEquals(batches(closed), batches(order));
});

Deno.test("drain() rejects a code that may not be sent, and goes on serving", async () => {
  await using served = await serveHandler();
  await assertRejects(() => served.handler.drain({ spreadMs: 0, code: 1006 }), RangeError, "1006");
  assertEquals((await served.handshake()).status, 101);
});

/** Keeps the answer to a handshake back, so that its upgrade is under way and not complete. */
function createHold() {
  const upgraded = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const listen = ({ fetch }: Handler) =>
    listenNative({
      async fetch(request, info) {
        const response = await fetch(request, info);
        upgraded.resolve();
        await gate.promise;
        return response;
      },
    });
  return { listen, upgraded: upgraded.promise, release: gate.resolve };
}

for (const how of ["the handler ends", "the handler is drained"]) {
  Deno.test(`a connection that opens while ${how} is closed and reported to nobody`, async () => {
    const hold = createHold();
    await using served = await serveHandler({}, hold.listen);
    const { node, handler, alias, parent } = served;
    const opening = served.open();
    await hold.upgraded;
    assertEquals(handler.connections, 1);
    await (how === "the handler ends" ? node.exit(alias) : handler.drain({ spreadMs: 0 }));
    hold.release();
    await using client = await opening;
    assertEquals(await answerClose(client), 1001);
    assertEquals((await client.readEnd()).length, 0);
    assertEquals([handler.connections, parent.messages], [0, []]);
  });
}

Deno.test("a connection that opens after handshakeTimeoutMs is closed and reported to nobody", async () => {
  const hold = createHold();
  const { node, clock } = createStage();
  await using served = await serveHandler({ node }, hold.listen);
  const opening = served.open();
  await hold.upgraded;
  await clock.advance(HANDLER_DEFAULTS.handshakeTimeoutMs - 1);
  assertEquals(served.handler.connections, 1);
  await clock.advance(1);
  assertEquals(served.handler.connections, 0);
  hold.release();
  await using client = await opening;
  assertEquals(await answerClose(client), 1001);
  assertEquals((await client.readEnd()).length, 0);
  assertEquals([served.handler.connections, served.parent.messages], [0, []]);
});

Deno.test("a killed connection is reported with 1006 and its client closed", async () => {
  await using served = await serveMany(1);
  const { id } = await served.target.take("connect");
  await served.node.exit(id, "kill");
  assertEquals((await served.target.take("disconnect")).code, 1006);
  assertEquals(await answerClose(served.clients[0]!), 1001);
  assertEquals(served.handler.connections, 0);
});
