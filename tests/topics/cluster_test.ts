import { linkNodes } from "../../src/cluster/mod.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";
import { type FakeClient, startTopics, type TopicsStage } from "./stage.ts";

const TOPICS = ["news", "sport"];

async function openTwo() {
  const one = await startTopics({ topics: TOPICS, name: "one@host" });
  const two = await startTopics({ topics: TOPICS, name: "two@host", clock: one.clock });
  const link = linkNodes(one.node, two.node);
  return {
    one,
    two,
    link,
    async [Symbol.asyncDispose]() {
      await Promise.all([one, two].map((stage) => stage[Symbol.asyncDispose]()));
    },
  };
}

async function subscribe(stage: TopicsStage, topic: string): Promise<FakeClient> {
  const client = await stage.connect();
  await client.say({ type: "subscribe_request", topic });
  client.take();
  return client;
}

Deno.test("a publication reaches the subscribers of the other node, in order, once each", async () => {
  await using stage = await openTwo();
  const { one, two } = stage;
  const here = await subscribe(one, "news");
  const there = await subscribe(two, "news");
  const other = await subscribe(two, "sport");
  await settle();
  assertEquals(await one.node.call("topics", { kind: "publish", topic: "news", data: 1 }), 2);
  const onlyHere = { kind: "publish", topic: "sport", scope: "node" };
  assertEquals(await one.node.call("topics", onlyHere), 0);
  for (const data of [2, 3]) one.node.send("topics", { kind: "publish", topic: "news", data });
  one.node.send("topics", { kind: "publish", topic: "news", data: 4, scope: "node" });
  await settle();
  const published = [1, 2, 3, 4].map((data) => ({ type: "news", data }));
  assertEquals(here.take(), published);
  assertEquals(there.take(), published.slice(0, 3));
  assertEquals(other.take(), []);
});

Deno.test("who unsubscribes or leaves on the other node gets nothing more", async () => {
  await using stage = await openTwo();
  const { one, two } = stage;
  const [stays, leaves] = [await subscribe(two, "news"), await subscribe(two, "news")];
  await settle();
  await leaves.leave();
  one.node.send("topics", { kind: "publish", topic: "news", data: 1 });
  await settle();
  await stays.say({ type: "unsubscribe_request", topic: "news" });
  one.node.send("topics", { kind: "publish", topic: "news", data: 2 });
  await settle();
  assertEquals(stays.take().map(({ type }) => type), ["news", "unsubscribe_response"]);
  await stays.say({ type: "subscribe_request", topic: "news" });
  one.node.send("topics", { kind: "publish", topic: "news", data: 3 });
  await settle();
  assertEquals(stays.take().map(({ type }) => type), ["subscribe_response", "news"]);
});

Deno.test("heartbeats are those of each node, and who comes later is known when the nodes meet", async () => {
  await using stage = await openTwo();
  const { one, two, link } = stage;
  link.cut();
  const beating = await two.connect();
  await beating.say({ type: "subscribe_request", topic: "heartbeat" });
  const there = await subscribe(two, "news");
  linkNodes(one.node, two.node);
  await settle();
  beating.take();
  await one.clock.advance(5_000);
  assertEquals(beating.take().map(({ type }) => type), ["heartbeat"]);
  one.node.send("topics", { kind: "publish", topic: "news" });
  await settle();
  assertEquals(there.take(), [{ type: "news", data: null }]);
});

Deno.test("topics and closeClientConnections answer for all nodes, or for one", async () => {
  await using stage = await openTwo();
  const { one, two } = stage;
  const here = await subscribe(one, "news");
  const there = [await subscribe(two, "news"), await subscribe(two, "sport")];
  await settle();
  const list = (scope?: string) => one.node.call("topics", { kind: "topics", scope });
  const counts = (heartbeat: number, news: number, sport: number) =>
    Object.entries({ heartbeat, news, sport })
      .map(([topic, subscribers]) => ({ topic, subscribers }));
  assertEquals(await list(), counts(0, 2, 1));
  assertEquals(await list("node"), counts(0, 1, 0));
  await assertRejects(() => list("all"), Error, 'expected "node" or "cluster"');
  const close = { kind: "closeClientConnections", code: 1012, reason: "restart" };
  assertEquals(await one.node.call("topics", close), 3);
  await settle();
  for (const { messages } of [here, ...there]) {
    assertEquals(messages, [{ kind: "message", type: 8, code: 1012, reason: "restart" } as object]);
  }
  const asked = list();
  for (let turn = 0; stage.link.inFlight === 0 && turn < 100; turn++) await Promise.resolve();
  stage.link.cut();
  await assertRejects(() => asked, Error, "two@host did not answer");
});
