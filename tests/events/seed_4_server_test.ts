// The methods of seed 003's Server, in its order, then UnderlineConnection.

import { createNode } from "../../src/actor/mod.ts";
import {
  ALL,
  createEventServer,
  type EventConnection,
  type Upgrade,
  UpgradeError,
} from "../../src/events/mod.ts";
import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { createStage } from "./stage.ts";

Deno.test("server.disconnect() leaves, removes, tells, then closes (Server.Disconnect)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const told: unknown[] = [];
  client.connection.onLeave(() => void told.push(stage.server.isConnected("a")));
  client.connection.onDisconnect(({ code }) => void told.push(stage.server.isConnected("a"), code));
  assertEquals(stage.server.disconnect("a", 4503, "out"), true);
  await settle();
  assertEquals(told, [true, false, 4503]);
  assertEquals(client.bodies(), [[4503, "out"]]);
  assertEquals(stage.server.disconnect("a"), false);
});

Deno.test("server.getConnection() finds by id (Server.GetConnection)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  assertEquals(stage.server.getConnection("a"), connection);
  assertEquals(stage.server.getConnection("b"), undefined);
});

Deno.test("server.getConnections() lists all in the order of coming (Server.GetConnections)", async () => {
  await using stage = createStage();
  const clients = [await stage.connect(), await stage.connect(), await stage.connect()];
  await clients[1]!.drop();
  assertEquals(stage.server.getConnections().map(({ id }) => id), ["a", "c"]);
});

Deno.test("server.getConnectionsByRoom() lists members (Server.GetConnectionsByRoom)", async () => {
  await using stage = createStage();
  for (const room of ["x", "y", "x"]) (await stage.connect()).connection.join(room);
  const idsOf = (room: string) => stage.server.getConnectionsByRoom(room).map(({ id }) => id);
  assertEquals([idsOf("x"), idsOf("y"), idsOf("b"), idsOf("z")], [["a", "c"], ["b"], ["b"], []]);
});

Deno.test("server.getTotalConnections() counts (Server.GetTotalConnections)", async () => {
  await using stage = createStage();
  assertEquals(stage.server.getTotalConnections(), 0);
  const client = await stage.connect();
  await stage.connect();
  await client.drop();
  assertEquals(stage.server.getTotalConnections(), 1);
});

/** An event server behind a listener whose requests go to `answer`. */
function listen(answer: (request: Request, info: Deno.ServeHandlerInfo) => Promise<Response>) {
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return { port: listener.addr.port, [Symbol.asyncDispose]: () => listener.shutdown() };
}

Deno.test("server.handler answers handshakes while the process runs, 503 otherwise (Server.Handler)", async () => {
  const ws = createEventServer();
  ws.onConnection((connection) => connection.on("hi", () => void connection.emit("hello")));
  await using listener = listen(ws.handler);
  const statusOf = async () => {
    await using client = await RawClient.connect({ port: listener.port });
    return (await client.handshake()).status;
  };
  assertEquals(await statusOf(), 503);
  for (const _ of ["once", "and again, as after a restart"]) {
    await using node = createNode();
    const pid = node.spawn(ws.run);
    await using client = await RawClient.open({ port: listener.port });
    await client.send({ opcode: OPCODE.text, payload: "m:hi;0;" });
    assertEquals(await client.readText(), "m:hello;0;");
    const ended = node.exit(pid);
    assertEquals((await client.readClose()).code, 1001);
    client.close();
    await ended;
  }
  assertEquals(await statusOf(), 503);
});

Deno.test("server.run disconnects everybody at its end and runs once at a time", async () => {
  const stage = createStage();
  const { connection } = await stage.connect();
  const told: number[] = [];
  connection.onDisconnect(({ code }) => void told.push(code));
  const { promise, resolve } = Promise.withResolvers<unknown>();
  stage.node.spawn((self) => stage.server.run(self).catch(resolve));
  assertInstanceOf(await promise, TypeError);
  assertEquals(told, []);
  await stage.node.stop();
  assertEquals([told, stage.server.getTotalConnections()], [[1001], 0]);
});

Deno.test("server.isConnected() says whether an id is there (Server.IsConnected)", async () => {
  await using stage = createStage();
  await stage.connect();
  assertEquals([stage.server.isConnected("a"), stage.server.isConnected("b")], [true, false]);
});

Deno.test("server.isJoined() takes room and id (Server.IsJoined)", async () => {
  await using stage = createStage();
  (await stage.connect()).connection.join("x");
  const { server } = stage;
  const got = [server.isJoined("x", "a"), server.isJoined("x", "b"), server.isJoined("y", "a")];
  assertEquals(got, [true, false, false]);
});

Deno.test("server.join() puts a connection into a room (Server.Join)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  stage.server.join("x", "a");
  stage.server.join("x", "nobody");
  assertEquals(stage.server.getConnectionsByRoom("x"), [connection]);
  assertThrows(() => stage.server.join(ALL, "a"), TypeError, "room name");
});

Deno.test("server.leave() is true if the connection was in (Server.Leave)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  connection.join("x");
  const told: string[] = [];
  connection.onLeave((room) => void told.push(room));
  assertEquals([stage.server.leave("x", "a"), stage.server.leave("x", "a")], [true, false]);
  assertEquals(told, ["x"]);
});

Deno.test("server.leaveAll() takes a connection out of every room (Server.LeaveAll)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  for (const room of ["x", "y"]) connection.join(room);
  const told: string[] = [];
  connection.onLeave((room) => void told.push(room));
  stage.server.leaveAll("a");
  stage.server.leaveAll("nobody");
  assertEquals(told, ["x", "y", "a"]);
  assertEquals([connection.isJoined("a"), connection.isConnected], [false, true]);
  connection.join("z");
  assertEquals(connection.isJoined("z"), true);
});

Deno.test("server.onConnection() reports a listener that throws and goes on (Server.OnConnection)", async () => {
  await using stage = createStage();
  const got: string[] = [];
  stage.server.onConnection((connection) => {
    connection.onError(({ message }) => void got.push(message));
    throw new Error("thrown");
  });
  stage.server.onConnection(({ id }) => void got.push(id));
  await stage.connect();
  await stage.connect();
  assertEquals(got, ["thrown", "a", "thrown", "b"]);
});

Deno.test("server.upgrade() gives the connection, whose messages wait (Server.Upgrade, Wait)", async () => {
  await using stage = createStage();
  stage.server.onConnection(() => {
    throw new Error("not for this one");
  });
  const upgrades: Upgrade[] = [];
  await using listener = listen(async (request, info) => {
    upgrades.push(await stage.server.upgrade(request, info));
    return upgrades[0]!.response;
  });
  await using client = await RawClient.open({ port: listener.port });
  await client.send({ opcode: OPCODE.text, payload: "early" });
  const connection: EventConnection = await upgrades[0]!.connection;
  // The one timer is the watch over open connections.
  assertEquals(stage.clock.pending, 1, "a deadline is left");
  assertEquals("attributes" in connection.request, false);
  const got = Promise.withResolvers<unknown>();
  connection.onMessage(got.resolve);
  // What came before is not lost: it is here when `wait` is called.
  connection.emit("ready");
  assertEquals(await client.readText(), "m:ready;0;");
  connection.wait();
  assertEquals(await got.promise, "early");
});

Deno.test("server.upgrade() rejects for a handshake that is refused (Connection.Err)", async () => {
  const ws = createEventServer();
  await using node = createNode();
  node.spawn(ws.run);
  const failures: Promise<UpgradeError>[] = [];
  await using listener = listen(async (request, info) => {
    const { response, connection } = await ws.upgrade(request, info);
    failures.push(assertRejects(connection, UpgradeError));
    return response;
  });
  await using client = await RawClient.connect({ port: listener.port });
  const { status } = await client.handshake({ headers: { "sec-websocket-version": "8" } });
  const { code, status: told } = await failures[0]!;
  assertEquals([status, code, told], [426, "upgrade_failed", 426]);
});

Deno.test("server.to() sends in nobody's name", async () => {
  await using stage = createStage();
  const clients = [await stage.connect(), await stage.connect()];
  assertEquals(stage.server.to(ALL).emit("x"), 2);
  assertEquals(stage.server.to("b").emitMessage("y"), 1);
  await settle();
  assertEquals(clients.map((client) => client.bodies()), [["m:x;0;"], ["m:x;0;", "y"]]);
});

Deno.test("server.to() hands everybody the same message: it is encoded once", async () => {
  await using stage = createStage();
  const clients = [await stage.connect(), await stage.connect(), await stage.connect()];
  let encoded = 0;
  const data = { toJSON: () => ({ encoded: ++encoded }) };
  stage.server.to(ALL).emit("x", data);
  await settle();
  assertEquals(clients.map(({ received }) => received[0] === clients[0]!.received[0]), [
    ...[true, true, true],
  ]);
  assertEquals(encoded, 1);
});

Deno.test("server.to() encodes once, however many wire formats are there, or to refuse", async () => {
  await using stage = createStage();
  let encoded = 0;
  const data = { toJSON: () => ++encoded };
  const emit = () => {
    encoded = 0;
    return [stage.server.to(ALL).emit("x", data), encoded];
  };
  assertEquals(emit(), [0, 1]);
  assertThrows(() => stage.server.to(ALL).emit("x", 1n), TypeError, "Cannot emit");
  for (let n = 0; n < 2; n++) await stage.connect({ attributes: { eventPrefix: "q:" } });
  assertEquals(emit(), [2, 1]);
  await stage.connect();
  assertEquals(emit(), [3, 1]);
});

Deno.test("what cannot be encoded reaches nobody of a room", async () => {
  await using stage = createStage();
  const clients = [
    await stage.connect(),
    await stage.connect({ attributes: { eventPrefix: "q:" } }),
  ];
  const data = {
    toJSON: () => {
      throw new Error("on purpose");
    },
  };
  assertThrows(() => stage.server.to(ALL).emit("x", data), Error);
  stage.server.to(ALL).emit("y", "for all");
  await settle();
  assertEquals(clients.map((client) => client.bodies().length), [1, 1]);
});

Deno.test("connection.alias is the WebSocket itself, to which any process sends (UnderlineConnection)", async () => {
  const ws = createEventServer();
  const { promise, resolve } = Promise.withResolvers<EventConnection>();
  ws.onConnection(resolve);
  await using node = createNode();
  node.spawn(ws.run);
  await using listener = listen(ws.handler);
  await using client = await RawClient.open({ port: listener.port });
  const { alias } = await promise;
  // WriteMessage, NextWriter
  assertEquals(node.send(alias, { kind: "message", body: "from elsewhere" }), "accepted");
  assertEquals(await client.readText(), "from elsewhere");
  // WriteControl, Close
  node.send(alias, { kind: "message", type: 8, code: 4000, reason: "drain" });
  assertEquals(await client.readClose(), { code: 4000, reason: "drain" });
});
