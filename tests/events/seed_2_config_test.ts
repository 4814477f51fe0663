// The fields of seed 003's Config, in its order. What the endpoint of a
// configuration has is shown through a server.

import { createNode } from "../../src/actor/mod.ts";
import { type EndpointConfig, parseConfig } from "../../src/config/mod.ts";
import { configSchema } from "../../src/config/schema.ts";
import {
  type ConnectionRequest,
  createEventServer,
  type EventServerOptions,
} from "../../src/events/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import type { HandshakeParts } from "../../src/testing/handshake.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { createStage } from "./stage.ts";

/** An event server behind a listener. */
function listen(options: EventServerOptions) {
  const ws = createEventServer(options);
  const node = createNode();
  node.spawn(ws.run);
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ws.handler,
  );
  const { port } = listener.addr;
  return {
    ws,
    open: (parts: HandshakeParts = {}) => RawClient.open({ port, ...parts }),
    handshake: async (parts: HandshakeParts = {}) => {
      await using client = await RawClient.connect({ port });
      return (await client.handshake(parts)).status;
    },
    [Symbol.asyncDispose]: async () => {
      await node.stop();
      await listener.shutdown();
    },
  };
}

/** An endpoint as the schema reads it, also where this version of the engines cannot do it. */
function endpointOf(keys: Record<string, unknown>): EndpointConfig {
  const processes = { chat: { behavior: "chat" } };
  const endpoints = { "/chat": { pool: ["chat"], ...keys } };
  return configSchema.parse({ processes, endpoints }).endpoints["/chat"]!;
}

Deno.test("idGenerator makes the id of what the handshake carried (IDGenerator)", async () => {
  const seen: ConnectionRequest[] = [];
  await using server = listen({
    idGenerator: (request) => {
      seen.push(request);
      return `user ${new URL(request.url).searchParams.get("user")}`;
    },
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  server.ws.onConnection(({ id }) => resolve(id));
  await using client = await server.open({ path: "/?user=ada", headers: { "x-a": "b" } });
  assertEquals(await promise, "user ada");
  assertEquals([seen[0]?.remoteAddr, seen[0]?.headers["x-a"]], [client.localAddr, "b"]);
});

function generateThrowing(): string {
  throw new Error("no database");
}

for (
  const [what, generate] of [
    ["throws", generateThrowing],
    ["makes no text", () => undefined as unknown as string],
    ["makes an empty id", () => ""],
  ] as const
) {
  Deno.test(`idGenerator that ${what} closes the connection with 1011`, async () => {
    await using stage = createStage({ idGenerator: generate });
    const client = await stage.connect();
    assertEquals(client.bodies(), [[1011, "no id"]]);
    assertEquals(stage.server.getTotalConnections(), 0);
  });
}

Deno.test("idGenerator that repeats an id replaces the older connection", async () => {
  await using stage = createStage({ idGenerator: () => "same" });
  const older = await stage.connect();
  const told: string[] = [];
  older.connection.onLeave((room) => void told.push(`leave ${room}`));
  older.connection.onDisconnect(({ code }) => void told.push(`disconnect ${code}`));
  const newer = await stage.connect();
  assertEquals(told, ["leave same", "disconnect 4503"]);
  assertEquals(older.bodies(), [[4503, "replaced by a newer connection"]]);
  await older.drop();
  assertEquals(stage.server.getConnections(), [newer.connection]);
  assertEquals(older.connection.leave("same"), false);
  assertEquals(stage.server.isJoined("same", "same"), true);
});

Deno.test("eventPrefix is the start of events in both directions (EvtMessagePrefix)", async () => {
  await using stage = createStage({ eventPrefix: "iris-websocket-message:" });
  const client = await stage.connect();
  const got: unknown[] = [];
  client.connection.on("chat", (data) => void got.push(data));
  client.connection.onMessage((body) => void got.push(["native", body]));
  await client.send("iris-websocket-message:chat;0;hello");
  await client.send("m:chat;0;hello");
  client.connection.emit("chat", "hi");
  await stage.connect();
  assertEquals(got, ["hello", ["native", "m:chat;0;hello"]]);
  assertEquals(client.bodies(), ["iris-websocket-message:chat;0;hi"]);
  assertThrows(() => createEventServer({ eventPrefix: "iris" }), TypeError, 'prefix "iris"');
});

Deno.test("createEventServer() refuses what is no option, and what it chooses itself", () => {
  for (const key of ["maxMessageSize", "pool"]) {
    assertThrows(
      () => createEventServer({ [key]: ["chat"] }),
      TypeError,
      `Cannot create an event server: "${key}" is no option, expected one of idGenerator, `,
    );
  }
});

Deno.test("createEventServer() names itself for every option that it refuses", () => {
  for (const options of [{ maxMessageBytes: 0 }, { subprotocols: "a" }, { slowConsumer: "fast" }]) {
    const [key] = Object.keys(options);
    assertThrows(
      () => createEventServer(options as never),
      Error,
      `Cannot create an event server: ${key} is `,
    );
  }
});

Deno.test("onError hears of each refused handshake (Error)", async () => {
  const heard: [string, number, string][] = [];
  await using server = listen({
    origins: "https://good.example",
    onError: ({ url }, status, reason) => void heard.push([new URL(url).pathname, status, reason]),
  });
  const status = await server.handshake({ path: "/x", headers: { origin: "https://bad.example" } });
  assertEquals([status, heard.length, heard[0]?.[0], heard[0]?.[1]], [403, 1, "/x", 403]);
  assertStringIncludes(heard[0]![2], '"https://bad.example" is not allowed');
});

Deno.test("checkOrigin decides about a handshake, same-origin if left out (CheckOrigin)", async () => {
  const foreign = { headers: { origin: "https://elsewhere.example" } };
  await using byDefault = listen({});
  assertEquals(await byDefault.handshake(foreign), 403);
  await using open = listen({ checkOrigin: () => true });
  assertEquals(await open.handshake(foreign), 101);
  await using closed = listen({ checkOrigin: ({ url }) => !url.endsWith("/no"), origins: "*" });
  assertEquals(await closed.handshake({ ...foreign, path: "/no" }), 403);
  assertEquals(await closed.handshake({ ...foreign, path: "/yes" }), 101);
});

// Of the transport: an event server takes the options of a handler.

Deno.test("handshakeTimeoutMs bounds a check that takes its time (HandshakeTimeout)", async () => {
  await using server = listen({ handshakeTimeoutMs: 20, checkOrigin: () => new Promise(() => {}) });
  assertEquals(await server.handshake(), 408);
});

for (
  const [key, name, value, ms] of [
    ["writeTimeout", "WriteTimeout", "3s", 3_000],
    ["readTimeout", "ReadTimeout", "4s", 4_000],
    ["pongTimeout", "PongTimeout", "90s", 90_000],
    ["pingPeriod", "PingPeriod", "5s", 5_000],
    ["readBufferSize", "ReadBufferSize", "8KiB", 8_192],
    ["writeBufferSize", "WriteBufferSize", "8KiB", 8_192],
  ] as const
) {
  Deno.test(`${key} is a key of every endpoint (${name})`, () => {
    const field = key.replace(/Size$/, "Bytes").replace(/(Timeout|Period)$/, "$1Ms");
    const endpoint: object = endpointOf({ [key]: value });
    assertEquals((endpoint as Record<string, unknown>)[field], ms);
  });
}

Deno.test("maxMessageBytes closes with 1009 what is longer (MaxMessageSize)", async () => {
  await using server = listen({ maxMessageBytes: 10 });
  await using client = await server.open();
  await client.send({ opcode: OPCODE.text, payload: "x".repeat(11) });
  assertEquals((await client.readClose()).code, 1009);
});

Deno.test("binaryMessages sends events and native messages as binary (BinaryMessages)", async () => {
  await using server = listen({ binaryMessages: true });
  server.ws.onConnection((connection) => {
    connection.emit("chat", "hi");
    connection.emitMessage("native");
  });
  await using client = await server.open();
  for (const expected of ["m:chat;0;hi", "native"]) {
    const frame = await client.readFrame();
    assertEquals(frame?.opcode, OPCODE.binary);
    assertEquals(new TextDecoder().decode(frame?.payload), expected);
  }
});

Deno.test("compression is a key of every endpoint and off by default (EnableCompression)", () => {
  assertEquals(endpointOf({}).compression, false);
  assertEquals(endpointOf({ compression: true }).compression, true);
});

Deno.test("subprotocols are negotiated by the server's preference (Subprotocols)", async () => {
  await using server = listen({ subprotocols: ["b", "a"] });
  const { promise, resolve } = Promise.withResolvers<string>();
  server.ws.onConnection(({ request }) => resolve(request.protocol));
  await using _client = await server.open({ headers: { "sec-websocket-protocol": "a, b" } });
  assertEquals(await promise, "b");
});

Deno.test("pendingMessages must be above 0", () => {
  assertThrows(() => createEventServer({ pendingMessages: 0 }), RangeError, "pendingMessages is 0");
});

Deno.test("eventPrefix and binaryMessages of an endpoint reach its process", async () => {
  const config = parseConfig({
    listen: { port: 0 },
    processes: { chat: { behavior: "chat" } },
    endpoints: {
      "/iris": { pool: ["chat"], eventPrefix: "iris-websocket-message:" },
      "/binary": { pool: ["chat"], binaryMessages: true },
      "/chat": { pool: ["chat"] },
    },
  });
  await using server = await serve(config);
  const { port } = server.addr;
  await using iris = await RawClient.open({ port, path: "/iris" });
  assertStringIncludes(await iris.readText(), "iris-websocket-message:welcome;4;");
  await using plain = await RawClient.open({ port, path: "/chat" });
  assertStringIncludes(await plain.readText(), "m:welcome;4;");
  await using binary = await RawClient.open({ port, path: "/binary" });
  assertEquals((await binary.readFrame())?.opcode, OPCODE.binary);
  // One room, three formats.
  const say = (prefix: string) => ({ opcode: OPCODE.text, payload: `${prefix}chat;0;hey` });
  await plain.send(say("m:"));
  assertEquals(await iris.readText(), "iris-websocket-message:chat;0;hey");
  assertEquals(new TextDecoder().decode((await binary.readFrame())?.payload), "m:chat;0;hey");
  await iris.send(say("iris-websocket-message:"));
  assertEquals(await plain.readText(), "m:chat;0;hey");
});
