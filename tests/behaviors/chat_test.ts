import { serveChat } from "../../src/behaviors/mod.ts";
import { type Client, createStage, type Stage } from "../events/stage.ts";
import { linkNodes } from "../../src/cluster/mod.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";

function createChat(): Stage {
  const stage = createStage();
  stage.server.onConnection(serveChat);
  return stage;
}

/** What a client was told since the last time, as event and data. */
function read(client: Client): [event: string, data: unknown][] {
  return client.received.splice(0).map((message) => {
    const [, event, , text] = /^m:([^;]+);(\d);(.*)$/.exec(
      String("body" in message && message.body),
    )!;
    return [event!, event === "chat" || event === "refused" ? text : JSON.parse(text!)];
  });
}

Deno.test("serveChat() takes no id of a connection of another node for a room", async () => {
  const ids = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
  const [one, two] = ["one", "two"].map((name) => {
    const stage = createStage({ idGenerator: () => ids.shift()! }, `${name}@host`);
    stage.server.onConnection(serveChat);
    return stage;
  }) as [Stage, Stage];
  await using _one = one;
  await using _two = two;
  linkNodes(one.node, two.node);
  const [a, b] = [await one.connect(), await two.connect()];
  for (const client of [a, b]) read(client);
  await a.send(`m:join;0;${b.connection.id}`);
  await settle();
  assertEquals(read(a), [["refused", "Cannot join: this is no name of a room"]]);
  const [free] = ids as [string];
  await a.send(`m:join;0;${free}`);
  await settle();
  const { id } = a.connection;
  assertEquals(read(a), [["joined", { room: free, id, name: id }]]);
  assertEquals(a.connection.isJoined(b.connection.id), false);
});

/** Two clients in a room. */
async function createRoom(stage: Stage): Promise<[Client, Client]> {
  const [a, b] = [await stage.connect(), await stage.connect()];
  await a.send("m:name;0;Ada");
  for (const client of [a, b]) await client.send("m:join;0;lobby");
  await stage.connect();
  read(a);
  read(b);
  return [a, b];
}

Deno.test("serveChat() welcomes a connection with its id", async () => {
  await using stage = createChat();
  const client = await stage.connect();
  assertEquals(read(client), [["welcome", { id: "a" }]]);
});

Deno.test("serveChat() tells a room who joined and what is said", async () => {
  await using stage = createChat();
  const [a, b] = [await stage.connect(), await stage.connect()];
  await a.send("m:name;0;Ada");
  for (const client of [a, b]) await client.send("m:join;0;lobby");
  await a.send('m:say;4;{"room":"lobby","text":"hi"}');
  const joinedB = ["joined", { room: "lobby", id: "b", name: "b" }];
  const said = ["said", { room: "lobby", id: "a", name: "Ada", text: "hi" }];
  const joinedA = ["joined", { room: "lobby", id: "a", name: "Ada" }];
  assertEquals(read(a).slice(1) as unknown, [joinedA, joinedB, said]);
  assertEquals(read(b).slice(1) as unknown, [joinedB, said]);
});

Deno.test("serveChat() sends chat to everybody else as text", async () => {
  await using stage = createChat();
  const [a, b] = await createRoom(stage);
  await a.send("m:chat;1;042");
  assertEquals([read(a), read(b)], [[], [["chat", "042"]]]);
});

Deno.test("serveChat() tells those in the room who left it", async () => {
  await using stage = createChat();
  const [a, b] = await createRoom(stage);
  await a.send("m:leave;0;lobby");
  const left: [string, unknown] = ["left", { room: "lobby", id: "a", name: "Ada" }];
  assertEquals([read(a), read(b)], [[left], [left]]);
});

Deno.test("serveChat() tells the room and everybody of an end", async () => {
  await using stage = createChat();
  const [a, b] = await createRoom(stage);
  await a.drop();
  await stage.connect();
  assertEquals(read(b), [
    ["left", { room: "lobby", id: "a", name: "Ada" }],
    ["disconnected", { id: "a", name: "Ada" }],
  ]);
});

for (
  const [wire, expected] of [
    ["m:name;0; ", "Cannot take the name"],
    [`m:name;0;${"x".repeat(65)}`, "Cannot take the name"],
    ["m:join;0;", "no name of a room"],
    ["m:join;0;b", "no name of a room"],
    ["m:join;0;lobby", "you are in it"],
    ["m:leave;0;elsewhere", "not in this room"],
    ["m:leave;0;a", "not in this room"],
    ["m:say;4;null", 'expected {"room"'],
    ['m:say;4;{"room":"lobby"}', 'expected {"room"'],
    ['m:say;4;{"room":"elsewhere","text":"x"}', "not in this room"],
    ['m:say;4;{"room":"b","text":"x"}', "not in this room"],
  ] as const
) {
  Deno.test(`chat() refuses ${wire.slice(0, 40)}`, async () => {
    await using stage = createChat();
    const [a, b] = await createRoom(stage);
    await a.send(wire);
    const answers = read(a);
    assertEquals([answers.length, answers[0]?.[0], read(b)], [1, "refused", []]);
    assertStringIncludes(String(answers[0]?.[1]), expected);
  });
}

Deno.test("serveChat() bounds the rooms of a connection, and counts those it left", async () => {
  await using stage = createChat();
  const client = await stage.connect();
  for (let n = 0; n < 33; n++) await client.send(`m:join;0;room ${n}`);
  assertEquals(read(client).at(-1), ["refused", "Cannot join: you are in 32 rooms"]);
  await client.send("m:leave;0;room 0");
  await client.send("m:join;0;room 32");
  assertEquals(read(client).at(-1)?.[0], "joined");
});
