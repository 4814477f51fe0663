import { CallHandlerError, type CallOptions, type Pid } from "../../src/actor/mod.ts";
import { ALL, BROADCAST, type EventCommand } from "../../src/events/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { createStage, REQUEST, type Stage } from "./stage.ts";

const OPTIONS: CallOptions = { timeoutMs: 1000 };

function call({ node }: Stage, command: EventCommand): Promise<unknown> {
  // By name, as a process on another node would.
  return node.call("events", command, OPTIONS);
}

Deno.test("emit and emitMessage reach rooms, ids and everybody, and count", async () => {
  await using stage = createStage();
  const clients = [await stage.connect(), await stage.connect(), await stage.connect()];
  clients[0]!.connection.join("x");
  clients[1]!.connection.join("x");
  assertEquals(await call(stage, { kind: "emit", to: "x", event: "e", data: [1] }), 2);
  assertEquals(await call(stage, { kind: "emit", to: BROADCAST, event: "f", from: "a" }), 2);
  assertEquals(await call(stage, { kind: "emitMessage", to: ALL, body: "n" }), 3);
  stage.node.send(stage.pid, { kind: "emit", to: "c", event: "g" });
  await settle();
  assertEquals(clients.map((client) => client.bodies()), [
    ["m:e;4;[1]", "n"],
    ["m:e;4;[1]", "m:f;0;", "n"],
    ["m:f;0;", "n", "m:g;0;"],
  ]);
});

Deno.test("join, leave and leaveAll move a connection from elsewhere", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  assertEquals(await call(stage, { kind: "join", room: "x", id: "a" }), true);
  assertEquals(await call(stage, { kind: "join", room: "x", id: "nobody" }), false);
  assertEquals(connection.isJoined("x"), true);
  assertEquals(await call(stage, { kind: "leave", room: "x", id: "a" }), true);
  assertEquals(await call(stage, { kind: "leave", room: "x", id: "a" }), false);
  assertEquals(await call(stage, { kind: "leaveAll", id: "a" }), true);
  assertEquals(await call(stage, { kind: "leaveAll", id: "nobody" }), false);
  assertEquals(connection.isJoined("a"), false);
});

Deno.test("kick disconnects with 4503 or with what it says", async () => {
  await using stage = createStage();
  const [a, b] = [await stage.connect(), await stage.connect()];
  assertEquals(await call(stage, { kind: "kick", id: "a" }), true);
  assertEquals(await call(stage, { kind: "kick", id: "a" }), false);
  assertEquals(await call(stage, { kind: "kick", id: "b", code: 4505, reason: "no" }), true);
  await settle();
  assertEquals([a.bodies(), b.bodies()], [[[4503, "kicked"]], [[4505, "no"]]]);
});

Deno.test("connections lists all or those in a room as plain data", async () => {
  await using stage = createStage();
  const [a, b] = [await stage.connect(), await stage.connect()];
  b.connection.join("x");
  const { remoteAddr } = REQUEST;
  const ofB = { id: "b", alias: b.alias, remoteAddr, rooms: ["b", "x"] };
  assertEquals(await call(stage, { kind: "connections" }), [
    { id: "a", alias: a.alias, remoteAddr, rooms: ["a"] },
    ofB,
  ]);
  assertEquals(await call(stage, { kind: "connections", room: "x" }), [ofB]);
});

for (
  const [message, expected] of [
    [{ kind: "emit", to: "x" }, "event is undefined, expected a text"],
    [{ kind: "emit", to: 1, event: "e" }, "to is number, expected a text"],
    [{ kind: "emit", to: "x", event: "a;b" }, 'event name "a;b"'],
    [{ kind: "emitMessage", to: "x", body: 1 }, "body is number"],
    [{ kind: "join", id: "a" }, "room is undefined"],
    [{ kind: "kick", id: "a", code: "x" }, "code is string"],
    [{ kind: "kick", id: "a", code: 1006 }, "1006"],
    [{ kind: "toString" }, 'kind "toString": expected one of "emit"'],
    ["emit", 'kind "undefined": expected one of'],
    [null, 'kind "undefined": expected one of'],
  ] as const
) {
  Deno.test(`the process refuses ${JSON.stringify(message)} and goes on`, async () => {
    await using stage = createStage();
    await stage.connect();
    const call = stage.node.call(stage.pid as Pid, message, OPTIONS);
    const error = await assertRejects(call, CallHandlerError);
    assertStringIncludes(String((error.cause as Error).message), expected);
    stage.node.send(stage.pid, message);
    await settle();
    assertEquals(stage.server.getTotalConnections(), 1);
  });
}

Deno.test("the process tells in inspect how many connections and rooms there are", async () => {
  await using stage = createStage();
  (await stage.connect()).connection.join("x");
  const { connections, rooms } = await stage.node.inspect(stage.pid);
  assertEquals([connections, rooms], [1, 2]);
});

Deno.test("emit and emitMessage leave out those that are excepted", async () => {
  await using stage = createStage();
  const clients = [await stage.connect(), await stage.connect(), await stage.connect()];
  const except = ["b", "nobody"];
  assertEquals(await call(stage, { kind: "emit", to: ALL, event: "e", data: 1, except }), 2);
  assertEquals(await call(stage, { kind: "emitMessage", to: "b", body: "n", except }), 0);
  await settle();
  assertEquals(clients.map((client) => client.bodies()), [["m:e;1;1"], [], ["m:e;1;1"]]);
  await assertRejects(
    () => call(stage, { kind: "emit", to: ALL, event: "e", except: [1] } as never),
    CallHandlerError,
    "except is object, expected a list of ids",
  );
});

Deno.test("rooms and members give windows by name, without the rooms of single connections", async () => {
  await using stage = createStage();
  const clients = [await stage.connect(), await stage.connect(), await stage.connect()];
  for (const { connection } of clients) connection.join("x");
  clients[2]!.connection.join("w");
  const rooms = [{ room: "w", members: 1 }, { room: "x", members: 3 }];
  assertEquals(await call(stage, { kind: "rooms" }), rooms);
  assertEquals(await call(stage, { kind: "rooms", after: "w" }), rooms.slice(1));
  assertEquals(await call(stage, { kind: "rooms", prefix: "w", limit: 5 }), rooms.slice(0, 1));
  assertEquals(await call(stage, { kind: "rooms", limit: 1 }), rooms.slice(0, 1));
  const members = await call(stage, { kind: "members", room: "x", after: "a", limit: 1 });
  const { remoteAddr } = REQUEST;
  assertEquals(members, [
    { id: "b", alias: clients[1]!.alias, remoteAddr, rooms: ["b", "x"] },
  ]);
  assertEquals(await call(stage, { kind: "members", room: "none" }), []);
});
