import { assertEquals } from "../helpers/assert.ts";
import { OPCODE, type RawClient } from "../../src/testing/mod.ts";
import { type ApiStage, startApi } from "./stage.ts";

/** A client of the chat in some rooms, with its id; what it got so far is read. */
async function chatter(stage: ApiStage, ...rooms: string[]) {
  const client = await stage.open("/chat");
  const welcome = await client.readText();
  const { id } = JSON.parse(welcome.slice(welcome.indexOf("{")));
  for (const room of rooms) {
    await client.send({ opcode: OPCODE.text, payload: `m:join;0;${room}` });
    await readUntil(client, "m:joined");
  }
  return { client, id, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

async function readUntil(client: RawClient, start: string): Promise<string> {
  for (;;) {
    const text = await client.readText();
    if (text.startsWith(start)) return text;
  }
}

Deno.test("POST /rooms/{room}/publish reaches everyone in it but the excepted", async () => {
  await using stage = await startApi();
  await using one = await chatter(stage, "lobby");
  await using other = await chatter(stage, "lobby");
  await readUntil(one.client, "m:joined");
  const publish = (body: unknown, room = "lobby") =>
    stage.ask("POST", `/rooms/${room}/publish`, { body });
  const all = await publish({ event: "news", data: { n: 1 } });
  assertEquals([all.status, all.body], [200, { nodes: 1, connections: 2, missing: [] }]);
  const some = await publish({ json: ["x"], except: [other.id] });
  assertEquals(some.body.connections, 1);
  await publish({ text: "last" });
  const texts = async ({ client }: typeof one, count: number) => {
    const got: string[] = [];
    while (got.length < count) got.push(await client.readText());
    return got;
  };
  assertEquals(await texts(one, 3), ['m:news;4;{"n":1}', '["x"]', "last"]);
  assertEquals(await texts(other, 2), ['m:news;4;{"n":1}', "last"]);
  // A room that nobody is in is none to complain about.
  assertEquals((await publish({ text: "x" }, "empty")).body.connections, 0);
  for (
    const [body, field] of [
      [{}, ""],
      [{ event: "a", text: "b" }, ""],
      [{ event: "a;b" }, "event"],
      [{ event: "" }, "event"],
      [{ text: "a", except: "b" }, "except"],
      [{ text: "a", except: [1] }, "except.0"],
      [{ base64: "?" }, "base64"],
    ] as const
  ) {
    const { status, body: { errors } } = await publish(body);
    assertEquals([status, errors[0].path], [422, field], JSON.stringify(body));
  }
});

Deno.test("GET /rooms and /rooms/{room}/members give windows", async () => {
  await using stage = await startApi();
  await using one = await chatter(stage, "a", "b");
  await using other = await chatter(stage, "b");
  const { body } = await stage.ask("GET", "/rooms");
  assertEquals(body.rooms, [{ room: "a", members: 1 }, { room: "b", members: 2 }]);
  assertEquals((await stage.ask("GET", "/rooms?after=a")).body.rooms.length, 1);
  assertEquals((await stage.ask("GET", "/rooms?prefix=a&limit=1")).body.rooms.length, 1);
  const members = (await stage.ask("GET", "/rooms/b/members")).body.members as { id: string }[];
  assertEquals(members.map(({ id }) => id), [one.id, other.id].toSorted());
  const [first] = members;
  const next = await stage.ask("GET", `/rooms/b/members?after=${encodeURIComponent(first!.id)}`);
  assertEquals(next.body.members.length, 1);
  assertEquals((await stage.ask("GET", "/rooms/none/members")).body.members, []);
});

Deno.test("POST /topics/{topic}/publish reaches subscribers and knows what is declared", async () => {
  await using stage = await startApi();
  await using client = await stage.open("/topics");
  const subscribe = { type: "subscribe_request", reqId: "1", topic: "news" };
  await client.send({ opcode: OPCODE.text, payload: JSON.stringify(subscribe) });
  await client.readText();
  const publish = (topic: string, body: unknown) =>
    stage.ask("POST", `/topics/${topic}/publish`, { body });
  const got = await publish("news", { data: [1] });
  assertEquals(got.body, { nodes: 1, connections: 1, missing: [] });
  assertEquals(JSON.parse(await client.readText()), { type: "news", data: [1] });
  await publish("news", {});
  assertEquals(JSON.parse(await client.readText()), { type: "news", data: null });
  assertEquals((await publish("wether", { data: 1 })).status, 404);
  assertEquals((await publish("heartbeat", { data: 1 })).status, 404);
  assertEquals((await publish("news", { date: 1 })).status, 422);
  assertEquals((await stage.ask("GET", "/topics")).body.topics, [
    { topic: "heartbeat", subscribers: 0 },
    { topic: "news", subscribers: 1 },
  ]);
  assertEquals((await stage.ask("GET", "/topics?after=heartbeat&limit=1")).body.topics.length, 1);
  assertEquals((await stage.ask("GET", "/topics?prefix=x")).body.topics, []);
});

Deno.test("POST /broadcast reaches several rooms and topics at once", async () => {
  await using stage = await startApi();
  await using one = await chatter(stage, "a");
  await using other = await chatter(stage, "b");
  const broadcast = (body: unknown) => stage.ask("POST", "/broadcast", { body });
  const got = await broadcast({ rooms: ["a", "b"], topics: ["news"], event: "e", data: 1 });
  assertEquals(got.body, { nodes: 1, connections: 2, missing: [] });
  assertEquals(await readUntil(one.client, "m:e"), "m:e;1;1");
  assertEquals(await readUntil(other.client, "m:e"), "m:e;1;1");
  assertEquals((await broadcast({ topics: ["news"], data: 1 })).status, 200);
  for (
    const [body, status] of [
      [{ event: "e" }, 422],
      [{ rooms: ["a"] }, 422],
      [{ topics: ["news"], event: "e" }, 422],
      [{ rooms: "a", event: "e" }, 422],
      [{ topics: ["wether"], data: 1 }, 404],
    ] as const
  ) {
    assertEquals((await broadcast(body)).status, status, JSON.stringify(body));
  }
});
