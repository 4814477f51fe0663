import { createNode } from "../../../src/actor/mod.ts";
import { createConnection } from "../../../src/websocket/mod.ts";
import { createStage } from "../../actor/stage.ts";
import { assert, assertEquals, assertRejects } from "../../helpers/assert.ts";
import { inDeadline } from "../../../src/testing/deadline.ts";
import { OPCODE } from "../../../src/testing/frames.ts";
import { echoes, Inbox } from "../inbox.ts";
import { serveTapped } from "../tapped_stage.ts";
import { serveWs } from "../ws_stage.ts";
import { acceptKey, dial, HEAD, listenTcp } from "./dial_stage.ts";

const { text, binary, ping, pong, close } = OPCODE;

function urlOf({ port }: { port: number }, path = "/ws"): string {
  return `ws://127.0.0.1:${port}${path}`;
}

Deno.test("a dialed connection carries messages both ways, of both types, in order", async () => {
  await using served = await serveWs({ parent: new Inbox(echoes) });
  await using node = createNode();
  const { id, inbox } = await dial(node, { url: urlOf(served) });
  const bodies = ["one", new Uint8Array([1, 2]), "", "€".repeat(20_000), new Uint8Array(60_000)];
  for (const body of bodies) {
    const type = typeof body === "string" ? text : binary;
    node.send(id, { kind: "message", type, body });
  }
  const got = await inbox.count("message", bodies.length);
  assertEquals(got.map(({ body }) => body), bodies);
  assertEquals([inbox.all("connect").length, inbox.messages[0]], [1, inbox.all("connect")[0]]);
});

Deno.test("connect of a dialed connection says whom it reached, and how", async () => {
  await using served = await serveWs({ subprotocols: ["chat"] });
  await using node = createNode();
  const url = new URL(urlOf(served, "/room?a=1"));
  const headers = { "X-Token": "secret", Origin: `http://127.0.0.1:${served.port}` };
  const protocols = ["other", "chat"];
  const { inbox } = await dial(node, { url, headers, protocols });
  const there = await served.parent.take("connect");
  const here = await inbox.take("connect");
  assertEquals([here.url, here.protocol, there.protocol], [url.href, "chat", "chat"]);
  assertEquals(here.remoteAddr, `127.0.0.1:${served.port}`);
  assertEquals(here.localAddr, there.remoteAddr);
  assertEquals(here.headers.upgrade, "websocket");
  assertEquals([there.headers["x-token"], there.url], [
    "secret",
    `http://127.0.0.1:${served.port}/room?a=1`,
  ]);
});

Deno.test("a dialed connection starts to read when it is spawned, and loses nothing before", async () => {
  const greeter = new Inbox((self, message) => {
    const { kind, id } = message as { kind: string; id: never };
    if (kind === "connect") self.send(id, { kind: "message", body: "welcome" });
  });
  await using served = await serveWs({ parent: greeter });
  await using node = createNode();
  const connection = await createConnection({ url: urlOf(served) });
  await served.parent.take("connect");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const inbox = new Inbox();
  node.spawn((self) => {
    self.spawnMeta(connection);
    return inbox.run(self);
  });
  assertEquals((await inbox.take("message")).body, "welcome");
});

Deno.test("pings and pongs of a dialed connection are messages both ways", async () => {
  await using served = await serveWs();
  await using node = createNode();
  const { id, inbox } = await dial(node, { url: urlOf(served) });
  const there = await served.parent.take("connect");
  node.send(id, { kind: "message", type: ping, body: "up" });
  served.node.send(there.id, { kind: "message", type: ping, body: "down" });
  const pongs = [];
  for (const each of [inbox, served.parent]) {
    const messages = await each.count("message", 2);
    assertEquals(new Set(messages.map(({ type }) => type)), new Set([ping, pong]));
    pongs.push(messages.find(({ type }) => type === pong)!.body);
  }
  assertEquals(pongs, ["up", "down"].map((body) => new TextEncoder().encode(body)));
});

Deno.test("either end closes a dialed connection, and each has its disconnect once", async () => {
  await using served = await serveWs();
  await using node = createNode();
  const [first, second] = [
    await dial(node, { url: urlOf(served) }),
    await dial(node, { url: urlOf(served) }),
  ];
  const connects = await served.parent.count("connect", 2);
  node.send(first.id, { kind: "message", type: close, code: 4000, reason: "done" });
  const there = await served.parent.take("disconnect");
  assertEquals([there.id, there.code, there.reason], [connects[0]!.id, 4000, "done"]);
  assertEquals((await first.inbox.take("disconnect")).code, 4000);
  served.node.send(connects[1]!.id, { kind: "message", type: close, code: 4505, reason: "no" });
  const here = await second.inbox.take("disconnect");
  assertEquals([here.code, here.reason], [4505, "no"]);
  await served.parent.take("disconnect");
  assertEquals(served.handler.connections, 0);
});

Deno.test("a dialed connection ends with its process, and the server is told", async () => {
  await using served = await serveWs();
  await using node = createNode();
  const { pid, id } = await dial(node, { url: urlOf(served) });
  await served.parent.take("connect");
  await node.exit(pid);
  assertEquals((await served.parent.take("disconnect")).code, 1001);
  assertEquals(node.send(id, { kind: "message", body: "late" }), "terminated");
});

Deno.test("process names the process that gets the messages", async () => {
  await using served = await serveWs({ parent: new Inbox(echoes) });
  await using node = createNode();
  const named = new Inbox();
  node.spawn(named.run, { name: "reader" });
  const { id, inbox } = await dial(node, { url: urlOf(served), process: "reader" });
  assertEquals((await named.take("connect")).id, id);
  node.send(id, { kind: "message", body: "for the reader" });
  assertEquals((await named.take("message")).body, "for the reader");
  assertEquals(inbox.messages, []);
});

Deno.test("an unknown process ends the connection with an error, and TCP with it", async () => {
  await using served = await serveWs();
  await using node = createNode();
  const connection = await createConnection({ url: urlOf(served), process: "nobody" });
  const ended = Promise.withResolvers<unknown>();
  node.spawn(async (self) => {
    self.monitor(self.spawnMeta(connection));
    for await (const { message } of self) ended.resolve(message);
  });
  const { reason, detail } = await inDeadline("its end", ended.promise) as Record<string, string>;
  assertEquals(reason, "panic");
  assert(Deno.inspect(detail).includes('no process is registered as "nobody"'));
  assertEquals((await served.parent.take("disconnect")).code, 1006);
});

Deno.test("terminate() of one that was never spawned closes its TCP connection", async () => {
  await using served = await serveWs();
  const connection = await createConnection({ url: urlOf(served) });
  await served.parent.take("connect");
  connection.terminate("shutdown");
  assertEquals((await served.parent.take("disconnect")).code, 1006);
});

Deno.test("compression is negotiated where both want it, and messages come through", async () => {
  for (const [client, server] of [[true, true], [true, false], [false, true]]) {
    const { served, taps } = await serveTapped({
      compression: server,
      parent: new Inbox(echoes),
    });
    await using _ = served;
    await using node = createNode();
    const { id, inbox } = await dial(node, { url: urlOf(served), compression: client });
    const body = "abc".repeat(10_000);
    node.send(id, { kind: "message", body });
    assertEquals((await inbox.take("message")).body, body);
    const sent = taps[0]!.chunks.reduce<number>(
      (sum, each) => sum + (each as Uint8Array).length,
      0,
    );
    assertEquals(sent < 1_000, client && server, `sent ${sent} bytes`);
  }
});

Deno.test("maxMessageBytes bounds what a server may send", async () => {
  await using served = await serveWs();
  await using node = createNode();
  const { inbox } = await dial(node, { url: urlOf(served), maxMessageBytes: 10 });
  const { id } = await served.parent.take("connect");
  served.node.send(id, { kind: "message", body: "x".repeat(11) });
  assertEquals((await inbox.take("disconnect")).code, 1009);
  assertEquals((await served.parent.take("disconnect")).code, 1009);
});

Deno.test("a server that pongs stays, one that does not is given up with 4003", async () => {
  await using served = await serveWs();
  const { node, clock } = createStage();
  await using _node = node;
  const limits = { pingPeriodMs: 30_000, pongTimeoutMs: 200_000 };
  const { inbox } = await dial(node, { url: urlOf(served), ...limits });
  const { id } = await served.parent.take("connect");
  for (let i = 1; i <= 10; i++) {
    await clock.advance(31_000);
    // The ping was seen there, and what follows the pong is read after it.
    await served.parent.count("message", i);
    served.node.send(id, { kind: "message", body: "read" });
    await inbox.count("message", i);
  }
  assertEquals(inbox.all("disconnect"), []);
  assert(inbox.all("message").every(({ body }) => body === "read"));

  await using silent = await listenTcp((socket, request) =>
    void socket.write(`${HEAD}Sec-WebSocket-Accept: ${acceptKey(request)}\r\n\r\n`)
  );
  const other = await dial(node, { url: `ws://127.0.0.1:${silent.port}/`, ...limits });
  await other.inbox.take("connect");
  await clock.advance(199_000);
  assertEquals(other.inbox.all("disconnect"), []);
  await clock.advance(3_000);
  assertEquals((await other.inbox.take("disconnect")).code, 4003);
});

Deno.test("createConnection() refuses bad options before it dials", async () => {
  for (const url of ["http://a.example", "nonsense", "", "//a.example"]) {
    await assertRejects(
      () => createConnection({ url }),
      TypeError,
      `Cannot connect to ${JSON.stringify(url)}: it is no URL of a WebSocket, ` +
        "expected one such as ws://127.0.0.1:8080/ws",
    );
  }
  const url = "ws://127.0.0.1:1";
  await assertRejects(() => createConnection({ url, handshakeTimeoutMs: 0 }), RangeError);
  await assertRejects(() => createConnection({ url, pongTimeoutMs: 1 }), RangeError);
});
