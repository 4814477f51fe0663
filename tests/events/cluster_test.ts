import { linkNodes } from "../../src/cluster/mod.ts";
import {
  ALL,
  BROADCAST,
  type EventCommand,
  IncompleteAnswerError,
} from "../../src/doors/events.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { assert, assertEquals, assertRejects } from "../helpers/assert.ts";
import { type Client, createStage, REQUEST, type Stage } from "./stage.ts";

/** Event servers of one name on two nodes that are linked, with two connections each. */
async function openTwo() {
  const stages = ["one", "two"].map((name) => {
    let count = 0;
    return createStage({ idGenerator: () => `${name}_${++count}` }, `${name}@host`);
  }) as [Stage, Stage];
  const link = linkNodes(stages[0].node, stages[1].node);
  const clients: Client[] = [];
  for (const stage of stages) {
    for (let count = 0; count < 2; count++) clients.push(await stage.connect());
  }
  const [one, two] = stages;
  return {
    one,
    two,
    link,
    clients: clients as [Client, Client, Client, Client],
    bodies: () => clients.map((client) => client.bodies()),
    [Symbol.asyncDispose]: async () => {
      for (const stage of stages) await stage[Symbol.asyncDispose]();
    },
  };
}

Deno.test("to(room), to(id), ALL and BROADCAST reach the connections of the other node, once each", async () => {
  await using stage = await openTwo();
  const { one, clients: [a, b, c, d] } = stage;
  a.connection.join("lobby");
  c.connection.join("lobby");
  await settle();
  assertEquals(a.connection.to("lobby").emit("room", { n: 1 }), 1);
  a.connection.to("two_2").emit("id", 2);
  a.connection.to(BROADCAST).emit("others", new Uint8Array([104, 105]));
  one.server.to(ALL).emitMessage("native");
  b.connection.to("nobody").emit("lost");
  await settle();
  assertEquals(stage.bodies(), [
    ['m:room;4;{"n":1}', "native"],
    ["m:others;3;hi", "native"],
    ['m:room;4;{"n":1}', "m:others;3;hi", "native"],
    ["m:id;1;2", "m:others;3;hi", "native"],
  ]);
  assert(d.connection.isConnected);
});

Deno.test("each connection gets what another node emits in its own wire format, encoded once there", async () => {
  await using stage = await openTwo();
  const { one, two } = stage;
  const old = await two.connect({ attributes: { eventPrefix: "old:" } });
  const binary = await two.connect({ attributes: { binaryMessages: true } });
  await settle();
  let encoded = 0;
  one.server.to(ALL).emit("e", { toJSON: () => ++encoded });
  await settle();
  assertEquals([old.bodies(), binary.bodies()], [
    ["old:e;4;1"],
    [new TextEncoder().encode("m:e;4;1")],
  ]);
  assertEquals(encoded, 1);
  const [{ received: [first] }, { received: [second] }] = stage.clients.slice(2) as [
    Client,
    Client,
  ];
  assert(first === second);
});

Deno.test("a room is left and joined on the other node, and what it gets is in order", async () => {
  await using stage = await openTwo();
  const { one, clients: [, , c] } = stage;
  c.connection.join("lobby");
  await settle();
  for (let n = 0; n < 300; n++) one.server.to("lobby").emit("n", n);
  await settle();
  c.connection.leave("lobby");
  one.server.to("lobby").emit("n", "late");
  await settle();
  assertEquals(c.bodies(), Array.from({ length: 300 }, (_, n) => `m:n;1;${n}`));
});

Deno.test("emit with except and from leaves the same connections out on all nodes", async () => {
  await using stage = await openTwo();
  const { one: { node, pid } } = stage;
  const command: EventCommand = {
    kind: "emit",
    to: BROADCAST,
    event: "e",
    from: "one_1",
    except: ["two_1", "nobody"],
  };
  assertEquals(await node.call(pid, command), 2);
  assertEquals(await node.call(pid, { ...command, to: ALL, scope: "node" }), 2);
  await settle();
  assertEquals(stage.bodies().map(({ length }) => length), [1, 2, 0, 1]);
});

Deno.test("inCluster tells of the connections of all nodes, and the other methods of their own", async () => {
  await using stage = await openTwo();
  const { one: { server }, clients: [a, , c] } = stage;
  a.connection.join("lobby");
  c.connection.join("lobby");
  await settle();
  const { inCluster } = server;
  assertEquals([server.getTotalConnections(), await inCluster.getTotalConnections()], [2, 4]);
  assertEquals([server.isConnected("two_1"), await inCluster.isConnected("two_1")], [false, true]);
  assertEquals(await inCluster.isConnected("nobody"), false);
  const counts = ["lobby", "two_2", ALL, "nobody"].map((to) => inCluster.to(to).emit("e", to));
  assertEquals(await Promise.all(counts), [2, 1, 4, 0]);
  assertEquals(await inCluster.to("two_1").emitMessage("native"), 1);
  await assertRejects(() => inCluster.to("lobby").emit("a;b"), TypeError, "a;b");
  const ids = (await inCluster.getConnections()).map(({ id }) => id);
  assertEquals(ids, ["one_1", "one_2", "two_1", "two_2"]);
  const { remoteAddr } = REQUEST;
  assertEquals(await inCluster.getConnectionsByRoom("lobby"), [
    { id: "one_1", alias: a.alias, remoteAddr, rooms: ["one_1", "lobby"] },
    { id: "two_1", alias: c.alias, remoteAddr, rooms: ["two_1", "lobby"] },
  ]);
  const joined = ["one_1", "two_1", "two_2"].map((id) => inCluster.isJoined("lobby", id));
  assertEquals(await Promise.all(joined), [true, true, false]);
});

Deno.test("inCluster joins, leaves and disconnects connections of the other node by their ids", async () => {
  await using stage = await openTwo();
  const { one: { server: { inCluster } }, two, clients: [, , c, d] } = stage;
  assertEquals(await inCluster.join("lobby", "two_1"), true);
  assertEquals([c.connection.isJoined("lobby"), d.connection.isJoined("lobby")], [true, false]);
  assertEquals(await inCluster.join("lobby", "nobody"), false);
  assertEquals([await inCluster.leave("lobby", "two_1"), await inCluster.leave("x", "two_1")], [
    true,
    false,
  ]);
  assertEquals(await inCluster.leaveAll("two_1"), true);
  assertEquals(c.connection.isJoined("two_1"), false);
  assertEquals(await inCluster.disconnect("two_2", 4000, "enough"), true);
  assertEquals(await inCluster.disconnect("two_2"), false);
  await settle();
  assertEquals([d.bodies(), two.server.getTotalConnections()], [[[4000, "enough"]], 1]);
  await assertRejects(() => inCluster.disconnect("two_1", 1006), RangeError, "1006");
  await assertRejects(() => inCluster.join("", "two_1"), TypeError, "room name");
});

Deno.test("rooms, members and connections are windows over all nodes", async () => {
  await using stage = await openTwo();
  const { one: { node, pid }, clients } = stage;
  for (const [index, { connection }] of clients.entries()) {
    for (const room of ["a", `b${index}`, "c"]) connection.join(room);
  }
  const call = (command: EventCommand) => node.call(pid, command);
  assertEquals(await call({ kind: "rooms", limit: 3 }), [
    { room: "a", members: 4 },
    { room: "b0", members: 1 },
    { room: "b1", members: 1 },
  ]);
  assertEquals(await call({ kind: "rooms", after: "b2" }), [
    { room: "b3", members: 1 },
    { room: "c", members: 4 },
  ]);
  const idsOf = async (command: EventCommand) =>
    (await call(command) as { id: string }[]).map(({ id }) => id);
  assertEquals(await idsOf({ kind: "members", room: "c", after: "one_1", limit: 2 }), [
    "one_2",
    "two_1",
  ]);
  assertEquals(await idsOf({ kind: "connections", after: "one_2", limit: 9 }), ["two_1", "two_2"]);
  assertEquals(await call({ kind: "count", room: "b3" }), 1);
  assertEquals(await call({ kind: "count", scope: "node" }), 2);
  await assertRejects(() => node.call(pid, { kind: "count", scope: "all" }), Error, "scope");
});

Deno.test("more connections than one answer holds are all told of", async () => {
  await using stage = await openTwo();
  const { one, two } = stage;
  for (let count = 0; count < 500; count++) void two.connect();
  await settle();
  const all = await one.server.inCluster.getConnections();
  assertEquals([all.length, new Set(all.map(({ id }) => id)).size], [504, 504]);
});

Deno.test("a connection takes the place of one with its id on the other node", async () => {
  let id = "x";
  const [one, two] = ["one", "two"].map((name) =>
    createStage({ idGenerator: () => id }, `${name}@host`)
  ) as [Stage, Stage];
  await using _one = one;
  await using _two = two;
  linkNodes(one.node, two.node);
  const older = await one.connect();
  id = "y";
  const other = await one.connect();
  other.connection.join("z");
  await settle();
  id = "x";
  const newer = await two.connect();
  id = "z";
  await two.connect();
  await settle();
  assertEquals(older.bodies(), [[4503, "replaced by a newer connection"]]);
  assertEquals([newer.bodies(), other.bodies()], [[], []]);
  const { inCluster } = one.server;
  assertEquals((await inCluster.getConnections()).map(({ id }) => id), ["y", "x", "z"]);
});

Deno.test("servers of different names do not mix, and one without a name is alone", async () => {
  await using stage = await openTwo();
  const { one, two } = stage;
  await two.node.exit(two.pid);
  two.node.spawn(two.server.run, { name: "other" });
  await settle();
  assertEquals(await one.server.inCluster.getTotalConnections(), 2);
  one.server.to(ALL).emit("e");
  await settle();
  assertEquals(await two.server.inCluster.getTotalConnections(), 0);
  await one.node.exit(one.pid);
  one.node.spawn(one.server.run);
  await settle();
  assertEquals(await one.server.inCluster.getTotalConnections(), 0);
});

Deno.test("without an answer of a node, what cannot be told is an error that has the rest", async () => {
  await using stage = await openTwo();
  const { one, two, link, clients: [, , c] } = stage;
  c.connection.join("lobby");
  await settle();
  const { inCluster } = one.server;
  const asked = inCluster.getTotalConnections();
  const known = inCluster.isConnected("one_1");
  const unheard = inCluster.to(ALL).emit("e");
  link.cut();
  const error = await assertRejects(() => asked, IncompleteAnswerError, "two@host");
  assertEquals([error.code, error.nodes, error.answer], ["incomplete_answer", ["two@host"], 2]);
  assertEquals(await known, true);
  assertEquals(await unheard.then(String, ({ answer }) => answer), 2);
  // It is lost, and nobody waits for it any more.
  assertEquals(await inCluster.getTotalConnections(), 2);
  one.server.to("lobby").emit("e");
  linkNodes(one.node, two.node);
  await settle();
  one.server.to("lobby").emit("again");
  await settle();
  assertEquals(c.bodies(), ["m:again;0;"]);
  assertEquals(await inCluster.getTotalConnections(), 4);
});
