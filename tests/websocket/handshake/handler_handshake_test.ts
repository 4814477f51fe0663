import { createStage } from "../../actor/stage.ts";
import { createHandler, type OriginCheck } from "../../../src/websocket/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../helpers/assert.ts";
import { OPCODE } from "../../../src/testing/frames.ts";
import { RawClient } from "../../../src/testing/raw_client.ts";
import { Inbox } from "../inbox.ts";
import { captureLogs } from "../logs.ts";
import { listenNative, type Served, serveHandler } from "../stage.ts";

Deno.test("fetch() answers 503 until the handler is spawned", async () => {
  const listener = listenNative(createHandler());
  await using client = await RawClient.connect({ port: listener.port });
  await client.request();
  const { status, headers, body } = await client.readResponse();
  assertEquals([status, headers.get("retry-after")], [503, "5"]);
  assertEquals(body, "Cannot upgrade: the handler is not running\n");
  client.close();
  await listener.shutdown();
});

Deno.test("fetch() answers 503 after the handler was stopped or killed", async () => {
  for (const reason of ["shutdown", "kill"]) {
    await using served = await serveHandler();
    assertEquals((await served.handshake()).status, 101);
    await served.parent.take("disconnect");
    await served.node.exit(served.alias, reason);
    const { status, body } = await served.refusal();
    assertEquals([status, body], [503, "Cannot upgrade: the handler is not running\n"]);
  }
});

Deno.test("fetch() answers 503 while no process of the pool is running", async () => {
  await using served = await serveHandler({ pool: ["a", "b"] });
  const { status, headers, body } = await served.refusal();
  assertEquals([status, headers.get("retry-after")], [503, "5"]);
  assertEquals(body, "Cannot upgrade: no process of the pool is running\n");
  served.node.spawn(new Inbox().run, { name: "b" });
  assertEquals((await served.handshake()).status, 101);
});

Deno.test("fetch() never lets more than maxConnections in, however many ask at once", async () => {
  const all = Promise.withResolvers<boolean>();
  let asked = 0;
  // Every handshake is at the same point when the first is decided.
  const checkOrigin = () => {
    if (++asked === 20) all.resolve(true);
    return all.promise;
  };
  await using served = await serveHandler({ checkOrigin, maxConnections: 5 });
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => RawClient.connect({ port: served.port })),
  );
  const heads = await Promise.all(clients.map((client) => client.handshake()));
  assertEquals(heads.filter(({ status }) => status === 101).length, 5);
  assertEquals(heads.filter(({ status }) => status === 503).length, 15);
  assertEquals(served.handler.connections, 5);
  assertEquals((await served.parent.count("connect", 5)).length, 5);
  for (const client of clients) client.close();
  await served.parent.count("disconnect", 5);
  assertEquals(served.handler.connections, 0);
  const { refused, accepted, connections } = await served.node.inspect(served.alias);
  assertEquals([refused, accepted, connections], [15, 5, 0]);
});

Deno.test("fetch() waits for an origin function and gives it the request", async () => {
  const checkOrigin: OriginCheck = (request) =>
    Promise.resolve(
      request.headers.get("origin") === "https://a.net" && request.url.endsWith("?x"),
    );
  await using served = await serveHandler({ checkOrigin });
  const ask = async (path: string, Origin: string | null) =>
    (await served.handshake({ path, headers: { Origin } })).status;
  assertEquals(await ask("/ws?x", "https://a.net"), 101);
  assertEquals(await ask("/ws", "https://a.net"), 403);
  assertEquals(await ask("/ws?x", "https://b.net"), 403);
  assertEquals(await ask("/ws?x", null), 403);
});

Deno.test("fetch() answers 500 when an origin function throws, and logs why", async () => {
  await using logs = captureLogs();
  const checkOrigin: OriginCheck = () => {
    throw new Error("from the check");
  };
  await using served = await serveHandler({ checkOrigin });
  const { status, body } = await served.refusal();
  assertEquals([status, body], [500, "Cannot upgrade: the origin check failed\n"]);
  const [line] = await logs.lines("error");
  assertStringIncludes(JSON.stringify(line), "from the check");
});

Deno.test("fetch() answers 408 when an origin check is slower than handshakeTimeoutMs", async () => {
  const answer = Promise.withResolvers<boolean>();
  const asked = Promise.withResolvers<void>();
  const checkOrigin = () => {
    asked.resolve();
    return answer.promise;
  };
  const { node, clock } = createStage();
  await using served = await serveHandler({ node, checkOrigin, handshakeTimeoutMs: 1 });
  const refused = served.refusal();
  await asked.promise;
  await clock.advance(1);
  const { status, body } = await refused;
  assertEquals([status, body], [408, "Cannot upgrade: the origin check took over 1 ms\n"]);
  answer.resolve(true);
  assertEquals(served.handler.connections, 0);
});

Deno.test("fetch() answers 503 when the handler goes while the origin is looked at", async () => {
  const ways: [go: (served: Served) => Promise<void>, why: string][] = [
    [({ node, alias }) => node.exit(alias), "the handler is not running"],
    [({ handler }) => handler.drain({ spreadMs: 0 }), "the server is going away"],
  ];
  for (const [go, why] of ways) {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<boolean>();
    const checkOrigin = () => {
      asked.resolve();
      return answer.promise;
    };
    await using served = await serveHandler({ checkOrigin });
    const refusal = served.refusal();
    await asked.promise;
    await go(served);
    answer.resolve(true);
    const { status, body } = await refusal;
    assertEquals([status, body], [503, `Cannot upgrade: ${why}\n`]);
  }
});

Deno.test("connect has addresses, URL, headers and subprotocol of the handshake", async () => {
  await using served = await serveHandler({ subprotocols: ["chat"] });
  await using client = await served.open({
    path: "/ws?room=1&room=2",
    headers: { "X-Some": "Thing", "Sec-WebSocket-Protocol": "chat" },
  });
  const { id, remoteAddr, localAddr, url, headers, protocol } = await served.parent.take("connect");
  assert(id.startsWith("Alias#<troupe@localhost/"));
  assertEquals([remoteAddr, localAddr], [client.localAddr, `127.0.0.1:${served.port}`]);
  assertEquals(url, `http://127.0.0.1:${served.port}/ws?room=1&room=2`);
  assertEquals([headers["x-some"], headers.upgrade, protocol], ["Thing", "websocket", "chat"]);
});

Deno.test("connect has the local address that the listener knows", async () => {
  const localAddr = { transport: "tcp", hostname: "::1", port: 7 } as const;
  await using served = await serveHandler({}, ({ fetch }) =>
    listenNative({
      fetch: (request, info) => fetch(request, { ...info!, localAddr }),
    }));
  await using _client = await served.open();
  assertEquals((await served.parent.take("connect")).localAddr, "[::1]:7");
});

Deno.test("reconfigure() changes limits of open connections and of later handshakes", async () => {
  await using served = await serveHandler({ maxMessageBytes: 10, maxConnections: 1 });
  await using client = await served.open();
  assertEquals((await served.handshake()).status, 503);
  served.handler.reconfigure({ maxMessageBytes: 20, maxConnections: 2 });
  assertEquals((await served.handshake()).status, 101);
  await client.send({ opcode: OPCODE.text, payload: "x".repeat(20) });
  assertEquals((await served.parent.take("message")).body.length, 20);
  served.handler.reconfigure({ origins: ["https://a.net"] });
  assertEquals((await served.handshake({ headers: { Origin: "https://a.net" } })).status, 101);
  await client.send({ opcode: OPCODE.text, payload: "x".repeat(21) });
  assertEquals((await client.readClose()).code, 1009);
});

Deno.test("reconfigure() changes nothing when an option is bad", async () => {
  await using served = await serveHandler({ origins: "*" });
  for (const bad of [{ maxConnections: 0, origins: [] }, { maxConnections: 1, origins: "x" }]) {
    let refused = false;
    try {
      served.handler.reconfigure(bad);
    } catch {
      refused = true;
    }
    assert(refused);
  }
  await using _client = await served.open();
  const head = await served.handshake({ headers: { Origin: "https://evil.net" } });
  assertEquals(head.status, 101);
});
