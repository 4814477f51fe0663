// The methods of seed 003's Connection, in its order, then the types about it.

import { BROADCAST, type ConnectionValues, type EventConnection } from "../../src/events/mod.ts";
import { CLOSE_CODES, MESSAGE_TYPE } from "../../src/websocket/mod.ts";
import { assertEquals, assertStrictEquals, assertThrows } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { createStage, REQUEST } from "./stage.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

Deno.test("connection.id is the room that it is in (ID)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  assertEquals(connection.id, "a");
  assertEquals([connection.isJoined("a"), stage.server.isJoined("a", "a")], [true, true]);
});

Deno.test("connection.server is the server (Server)", async () => {
  await using stage = createStage();
  assertStrictEquals((await stage.connect()).connection.server, stage.server);
});

Deno.test("connection.write() sends a message of a type as it is (Write)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const { connection } = client;
  assertEquals(connection.write(MESSAGE_TYPE.text, "m:raw"), true);
  connection.write(MESSAGE_TYPE.ping, utf8("are you there"));
  connection.write(MESSAGE_TYPE.pong, "");
  connection.write(MESSAGE_TYPE.close, new Uint8Array([0x0f, 0xa0, ...utf8("bye")]));
  connection.write(MESSAGE_TYPE.close, "");
  await settle();
  assertEquals(client.received as unknown, [
    { kind: "message", type: 1, body: "m:raw" },
    { kind: "message", type: 9, body: utf8("are you there") },
    { kind: "message", type: 10, body: "" },
    { kind: "message", type: 8, code: 4000, reason: "bye" },
    { kind: "message", type: 8 },
  ]);
});

Deno.test("connection.request is what the handshake carried (Context)", async () => {
  await using stage = createStage();
  assertEquals((await stage.connect()).connection.request, REQUEST);
});

Deno.test("connection.onDisconnect() is told the code, once (OnDisconnect, DisconnectFunc)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const told: unknown[] = [];
  client.connection.onDisconnect((end) => void told.push(end));
  assertEquals(client.connection.isConnected, true);
  await client.drop(1001, "gone");
  await client.drop(1001, "gone");
  assertEquals(told, [{ code: 1001, reason: "gone" }]);
  assertEquals([client.connection.isConnected, stage.server.isConnected("a")], [false, false]);
});

Deno.test("connection.onDisconnect() tells also who asks at the end or after it", async () => {
  await using stage = createStage();
  const { connection, drop } = await stage.connect();
  const told: string[] = [];
  connection.onDisconnect(() => {
    connection.onDisconnect(({ code }) => void told.push(`at the end ${code}`));
  });
  await drop(1001, "gone");
  connection.onDisconnect(({ code }) => void told.push(`after it ${code}`));
  assertEquals(told, ["at the end 1001", "after it 1001"]);
});

Deno.test("connection.onError() is told what messages and listeners do wrong (OnError, ErrorFunc)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const other = await stage.connect();
  const told: string[] = [];
  const heard: unknown[] = [];
  client.connection.onError(({ message }) => void told.push(message));
  client.connection.on("throw", () => {
    throw new Error("thrown");
  });
  client.connection.on("throw", () => void heard.push("second listener"));
  client.connection.on("reject", () => Promise.reject("no error at all"));
  other.connection.on("ok", () => void heard.push("other"));
  await client.send("m:throw;0;");
  await client.send("m:reject;0;");
  await client.send("m:nobody listens;7;");
  await other.send("m:ok;0;");
  assertEquals(told.slice(0, 2), ["thrown", "no error at all"]);
  assertEquals([told.length, told[2]?.includes("invalid type")], [3, true]);
  assertEquals(heard, ["second listener", "other"]);
  assertEquals(stage.server.getTotalConnections(), 2);
});

Deno.test("connection.onPing() gets the payload of a ping (OnPing, PingFunc)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const got: string[] = [];
  client.connection.onPing((payload) => void got.push(new TextDecoder().decode(payload)));
  client.connection.onMessage(() => void got.push("message"));
  await client.send(utf8("1"), MESSAGE_TYPE.ping);
  await client.send(utf8("2"), MESSAGE_TYPE.pong);
  assertEquals(got, ["1"]);
});

Deno.test("connection.onPong() gets the payload of a pong (OnPong, PongFunc)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const got: string[] = [];
  client.connection.onPong((payload) => void got.push(new TextDecoder().decode(payload)));
  await client.send(utf8("1"), MESSAGE_TYPE.ping);
  await client.send(utf8("2"), MESSAGE_TYPE.pong);
  assertEquals(got, ["2"]);
});

Deno.test("connection.fireOnError() tells the listeners and sends nothing (FireOnError)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const told: Error[] = [];
  client.connection.onError((error) => {
    told.push(error);
    throw new Error("a listener to errors that throws is logged, not told again");
  });
  const error = new Error("mine");
  client.connection.fireOnError(error);
  await stage.connect();
  assertEquals([told.length, told[0] === error, client.received.length], [1, true, 0]);
});

Deno.test("connection.to() sends to a room, its sender included (To)", async () => {
  await using stage = createStage();
  const [a, b, c] = [await stage.connect(), await stage.connect(), await stage.connect()];
  a.connection.join("x");
  b.connection.join("x");
  assertEquals(a.connection.to("x").emit("hi", { n: 1 }), 2);
  assertEquals(a.connection.to("nowhere").emit("hi"), 0);
  assertEquals(a.connection.to(c.connection.id).emit("psst"), 1);
  assertEquals(a.connection.to(BROADCAST).emitMessage("native"), 2);
  await settle();
  assertEquals(a.bodies(), ['m:hi;4;{"n":1}']);
  assertEquals(b.bodies(), ['m:hi;4;{"n":1}', "native"]);
  assertEquals(c.bodies(), ["m:psst;0;", "native"]);
});

Deno.test("connection.onMessage() gets what is no event, as it came (OnMessage, NativeMessageFunc)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const got: unknown[] = [];
  client.connection.onMessage((body) => void got.push(body));
  await client.send("hello");
  await client.send(new Uint8Array([1, 2]));
  await client.send("m:event;0;x");
  assertEquals(got, ["hello", new Uint8Array([1, 2])]);
});

Deno.test("connection.on() gets the data of its event and the text of them (On, MessageFunc)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const got: unknown[] = [];
  client.connection.on("n", (data: number, text) => void got.push([data, text]));
  client.connection.on("n", () => void got.push("again"));
  await client.send("m:n;1;042");
  await client.send("m:other;1;1");
  assertEquals(got, [[42, "042"], "again"]);
  assertThrows(() => client.connection.on("a;b", () => {}), TypeError, '"a;b"');
});

Deno.test("connection.on() keeps the order of messages while a listener takes its time", async () => {
  await using stage = createStage();
  const [slow, other] = [await stage.connect(), await stage.connect()];
  const got: string[] = [];
  const gate = Promise.withResolvers<void>();
  slow.connection.on("slow", async (_, text) => {
    if (text === "1") await gate.promise;
    got.push(`slow ${text}`);
  });
  slow.connection.onMessage((body) => void got.push(`native ${body}`));
  other.connection.on("fast", () => void got.push("fast"));
  await slow.send("m:slow;0;1");
  await slow.send("m:slow;0;2");
  await slow.send("3");
  await other.send("m:fast;0;");
  assertEquals(got, ["fast"]);
  gate.resolve();
  await settle();
  assertEquals(got, ["fast", "slow 1", "slow 2", "native 3"]);
});

Deno.test("connection.on() closes with 1013 when too many messages wait for a listener", async () => {
  await using stage = createStage({ pendingMessages: 2 });
  const client = await stage.connect();
  client.connection.on("hang", () => new Promise(() => {}));
  for (let n = 0; n < 4; n++) await client.send("m:hang;0;");
  assertEquals(client.bodies(), [[1013, "too many messages wait"]]);
  assertEquals(stage.server.getTotalConnections(), 0);
});

Deno.test("connection.join() joins once, and not after the end (Join)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  client.connection.join("x");
  client.connection.join("x");
  assertEquals(client.connection.to("x").emit("e"), 1);
  for (const room of ["", BROADCAST]) {
    assertThrows(() => client.connection.join(room), TypeError, "room name");
  }
  await client.drop();
  client.connection.join("y");
  assertEquals(stage.server.getConnectionsByRoom("y"), []);
});

Deno.test("connection.isJoined() says whether it is in a room (IsJoined)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  client.connection.join("x");
  assertEquals([client.connection.isJoined("x"), client.connection.isJoined("y")], [true, false]);
  await client.drop();
  assertEquals(client.connection.isJoined("x"), false);
});

Deno.test("connection.leave() is true if it was in (Leave)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  connection.join("x");
  assertEquals([connection.leave("x"), connection.leave("x")], [true, false]);
  assertEquals(connection.isJoined("x"), false);
});

Deno.test("connection.onLeave() is told before it is taken out (OnLeave, LeaveRoomFunc)", async () => {
  await using stage = createStage();
  const [a, b] = [await stage.connect(), await stage.connect()];
  const told: unknown[] = [];
  for (const { connection } of [a, b]) connection.join("x");
  a.connection.onLeave((room) => {
    told.push([room, a.connection.isJoined(room), a.connection.to(room).emit("left", room)]);
    // Leaving again is no second leave.
    a.connection.leave(room);
  });
  a.connection.leave("x");
  assertEquals(told, [["x", true, 2]]);
  a.connection.join("y");
  await a.drop();
  assertEquals(told.slice(1), [["y", true, 1], ["a", true, 1]]);
  assertEquals(b.bodies(), ["m:left;0;x"]);
});

Deno.test("connection.wait() is without effect on one that has started (Wait)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const got: unknown[] = [];
  client.connection.onMessage((body) => void got.push(body));
  client.connection.wait();
  await client.send("x");
  assertEquals(got, ["x"]);
});

Deno.test("connection.disconnect() leaves, tells, closes, and drops what waits (Disconnect)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const { connection } = client;
  const told: unknown[] = [];
  connection.on("hang", () => new Promise(() => {}));
  connection.onMessage((body) => void told.push(body));
  connection.onLeave((room) => void told.push(`left ${room}`));
  connection.onDisconnect((end) => void told.push(end));
  await client.send("m:hang;0;");
  await client.send("waits");
  connection.disconnect(4503, "kicked");
  assertEquals(told, ["left a", { code: 4503, reason: "kicked" }]);
  assertEquals(connection.emit("x"), 0);
  await client.send("too late");
  await client.drop(4503);
  assertEquals([told.length, client.bodies()], [2, [[4503, "kicked"]]]);
});

Deno.test("connection.disconnect() refuses a code that may not be sent and changes nothing", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  assertThrows(() => connection.disconnect(1006), RangeError, "1006");
  assertEquals([connection.isConnected, stage.server.isConnected("a")], [true, true]);
});

Deno.test("connection.onDisconnect() is told after the messages before, or after a grace", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const told: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  client.connection.on("slow", () => gate.promise);
  client.connection.onMessage((body) => void told.push(body));
  client.connection.onDisconnect(({ code }) => void told.push(code));
  await client.send("m:slow;0;");
  await client.send("before the end");
  await client.drop(1001);
  assertEquals([told, stage.server.getTotalConnections()], [[], 1]);
  gate.resolve();
  await settle();
  assertEquals(told, ["before the end", 1001]);

  const hung = await stage.connect();
  hung.connection.on("hang", () => new Promise(() => {}));
  hung.connection.onError(({ message }) => void told.push(message));
  hung.connection.onDisconnect(({ code }) => void told.push(code));
  await hung.send("m:hang;0;");
  await hung.drop(1001);
  await stage.clock.advance(5_000);
  const text = 'Cannot wait for the listeners of "b": they did not settle within 5000 ms ' +
    "after its end";
  assertEquals(told.slice(2), [text, CLOSE_CODES.abnormal.code]);
  assertEquals(stage.server.getTotalConnections(), 0);
});

Deno.test("connection.setValue() and getValue() remember anything (SetValue, GetValue)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  const value = { deep: [1] };
  connection.setValue("key", value);
  connection.setValue("key", value);
  assertStrictEquals(connection.getValue("key"), value);
  assertEquals(connection.getValue("other"), undefined);
});

/** A connection with one value of each kind. */
function setValues(connection: EventConnection): void {
  connection.setValue("list", ["x", "y"]);
  connection.setValue("mixed", ["x", 1]);
  connection.setValue("text", "x");
  connection.setValue("int", 3);
  connection.setValue("spelt", "-4");
  connection.setValue("float", 1.5);
}

Deno.test("connection.getValueStrings() gets lists of strings only (GetValueArrString)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  setValues(connection);
  const got = ["list", "mixed", "text", "none"].map((key) => connection.getValueStrings(key));
  assertEquals(got, [["x", "y"], undefined, undefined, undefined]);
});

Deno.test("connection.getValueString() gets strings only (GetValueString)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  setValues(connection);
  const got = ["text", "int", "none"].map((key) => connection.getValueString(key));
  assertEquals(got, ["x", undefined, undefined]);
});

Deno.test("connection.getValueInt() gets integers, spelt ones too (GetValueInt)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  setValues(connection);
  const keys = ["int", "spelt", "float", "text", "none"];
  const got = keys.map((key) => connection.getValueInt(key));
  assertEquals(got, [3, -4, undefined, undefined, undefined]);
});

Deno.test("server.onConnection() gets each connection, and messages wait for it (ConnectionFunc)", async () => {
  await using stage = createStage();
  const got: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  stage.server.onConnection(async (connection) => {
    await gate.promise;
    connection.onMessage((body) => void got.push([connection.id, body]));
  });
  const client = await stage.connect();
  await client.send("early");
  assertEquals(got, []);
  gate.resolve();
  await settle();
  assertEquals(got, [["a", "early"]]);
});

Deno.test("connection.values is the store itself (ConnectionValues, Get, Set)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  const values: ConnectionValues = connection.values;
  values.set("key", 1);
  assertEquals(connection.getValue("key"), 1);
  connection.setValue("other", 2);
  assertEquals(values.get("other"), 2);
});

Deno.test("connection.emit() sends an event to its own client alone (Emitter.Emit)", async () => {
  await using stage = createStage();
  const [a, b] = [await stage.connect(), await stage.connect()];
  b.connection.join("a");
  assertEquals(a.connection.emit("hi", true), 1);
  await a.drop();
  assertEquals([a.bodies(), b.bodies()], [["m:hi;2;true"], []]);
  assertThrows(() => a.connection.emit("", 1), TypeError, "event name");
});

Deno.test("connection.emitMessage() sends a native message to its own client (Emitter.EmitMessage)", async () => {
  await using stage = createStage();
  const client = await stage.connect();
  const noText = new Uint8Array([0xff]);
  for (const body of ["text", utf8("bytes"), noText]) client.connection.emitMessage(body);
  await settle();
  assertEquals(client.bodies(), ["text", "bytes", noText]);
});
