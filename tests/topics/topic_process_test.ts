import { CallHandlerError } from "../../src/actor/mod.ts";
import type { Timer } from "../../src/time/mod.ts";
import { SERVER_MESSAGE_SCHEMA } from "../../src/topics/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { ManualClock, settle } from "../../src/testing/manual_clock.ts";
import { startTopics } from "./stage.ts";

const SUBSCRIBE = { type: "subscribe_request", topic: "heartbeat" } as const;
const UNSUBSCRIBE = { type: "unsubscribe_request", topic: "heartbeat" } as const;
const NEWS = { type: "subscribe_request", topic: "news" } as const;

Deno.test("a topics process answers each request in order, and what is none", async () => {
  await using stage = await startTopics();
  const client = await stage.connect();
  await client.say({ type: "echo_request", reqId: "1", echo: "a" });
  await client.say({ type: "echo_request", echo: "b", err: true });
  await client.say("no JSON");
  await client.say(new Uint8Array([1]));
  await client.say({ type: "subscribe_request", reqId: "2", topic: "weather" });
  const answers = client.take();
  for (const answer of answers) SERVER_MESSAGE_SCHEMA.parse(answer);
  assertEquals(answers.map(({ type, status }) => [type, status]), [
    ["echo_response", "OK"],
    ["echo_response", "ERROR"],
    ["error", undefined],
    ["error", undefined],
    ["subscribe_response", "ERROR"],
  ]);
});

Deno.test("a topics process sends heartbeats at once and then every 5 s", async () => {
  await using stage = await startTopics();
  const client = await stage.connect();
  await stage.clock.advance(2500);
  await client.say(SUBSCRIBE);
  const [response, first, ...none] = client.take();
  assertEquals(response, {
    type: "subscribe_response",
    status: "OK",
    data: { topic: "heartbeat" },
  });
  SERVER_MESSAGE_SCHEMA.parse(first);
  assertEquals([first?.type, first?.uptime_seconds, none.length], ["heartbeat", "2", 0]);
  await stage.clock.advance(4999);
  assertEquals(client.take(), []);
  await stage.clock.advance(1);
  assertEquals(client.take().map((beat) => beat.uptime_seconds), ["7"]);
  await stage.clock.advance(10_000);
  assertEquals(client.take().map((beat) => beat.uptime_seconds), ["12", "17"]);
});

Deno.test("a topics process gives each subscriber its own pace, of a period that is set", async () => {
  await using stage = await startTopics({ heartbeatPeriodMs: 1000 });
  const first = await stage.connect();
  const second = await stage.connect();
  await first.say(SUBSCRIBE);
  await stage.clock.advance(400);
  await second.say(SUBSCRIBE);
  first.take();
  second.take();
  await stage.clock.advance(600);
  assertEquals([first.take().length, second.take().length], [1, 0]);
  await stage.clock.advance(400);
  assertEquals([first.take().length, second.take().length], [0, 1]);
});

Deno.test("a topics process stops heartbeats at unsubscription, which can be taken back", async () => {
  await using stage = await startTopics();
  const client = await stage.connect();
  await client.say(SUBSCRIBE);
  await client.say(SUBSCRIBE);
  await client.say(UNSUBSCRIBE);
  await client.say(UNSUBSCRIBE);
  const codes = client.take().map(({ type, error }) => (error as { code?: string })?.code ?? type);
  assertEquals(codes, [
    "subscribe_response",
    "heartbeat",
    "ALREADY_SUBSCRIBED",
    "unsubscribe_response",
    "NOT_SUBSCRIBED",
  ]);
  await stage.clock.advance(20_000);
  assertEquals(client.take(), []);
  await client.say(SUBSCRIBE);
  assertEquals(client.take().map(({ type }) => type), ["subscribe_response", "heartbeat"]);
});

Deno.test("a topics process forgets a client that has disconnected, with its timer", async () => {
  await using stage = await startTopics({ topics: ["news"] });
  const client = await stage.connect();
  await client.say(SUBSCRIBE);
  await client.say(NEWS);
  assertEquals(stage.clock.pending, 1);
  client.take();
  await client.leave();
  assertEquals(stage.clock.pending, 0);
  await stage.clock.advance(20_000);
  assertEquals(client.take(), []);
  assertEquals(await stage.node.call("topics", { kind: "publish", topic: "news" }), 0);
  const { clients, heartbeats, topics } = await stage.node.inspect("topics");
  assertEquals([clients, heartbeats, topics], [0, 0, 2]);
});

/** A clock that calls `before` in the turn in which a timer fires. */
class IntrusiveClock extends ManualClock {
  before = () => {};

  override setTimeout(callback: () => void, delayMs: number): Timer {
    return super.setTimeout(() => {
      this.before();
      callback();
    }, delayMs);
  }
}

Deno.test("a topics process is woken for its heartbeats though its mailbox is full", async () => {
  const clock = new IntrusiveClock();
  await using stage = await startTopics({ clock, mailboxSize: 1 });
  const client = await stage.connect();
  await client.say(SUBSCRIBE);
  client.take();
  const results: string[] = [];
  clock.before = () => {
    clock.before = () => {};
    const message = { kind: "message", type: 1, id: client.id, body: '{"type":"x"}' };
    // The first goes to the waiting loop, the second fills the mailbox.
    for (let i = 0; i < 3; i++) results.push(stage.node.send("topics", message));
  };
  await clock.advance(10_000);
  assertEquals(results, ["accepted", "accepted", "full"]);
  const { overflows } = await stage.node.inspect("topics");
  assertEquals(overflows, 1, "the wake-up was refused");
  const types = client.take().map(({ type }) => type);
  assertEquals(types, ["error", "error", "heartbeat", "heartbeat"]);
});

Deno.test("a publication is one text for all subscribers, from any process", async () => {
  await using stage = await startTopics({ topics: ["news", "weather"] });
  const clients = [await stage.connect(), await stage.connect(), await stage.connect()];
  for (const client of clients.slice(0, 2)) await client.say(NEWS);
  for (const client of clients) client.take();
  stage.node.spawn((self) => {
    self.send("topics", { kind: "publish", topic: "news", data: { headline: "It runs" } });
    return Promise.resolve();
  });
  await settle();
  const [first, second, third] = clients.map(({ messages }) => messages);
  assertEquals(first?.length, 1);
  assert(first![0] === second![0], "each got an object of its own");
  assertEquals(JSON.parse(first![0]!.body!), { type: "news", data: { headline: "It runs" } });
  assertEquals(third, []);
});

Deno.test("a call to publish is answered with the number of subscribers, or what is wrong", async () => {
  await using stage = await startTopics({ topics: ["news"] });
  const client = await stage.connect();
  await client.say(NEWS);
  client.take();
  const publish = (topic: unknown, data?: unknown) =>
    stage.node.call("topics", { kind: "publish", topic, data });
  assertEquals(await publish("news"), 1);
  await settle();
  assertEquals(client.take(), [{ type: "news", data: null }]);
  for (
    const [topic, data, text] of [
      ["wether", 1, 'Cannot publish on "wether": expected a declared topic, one of "news"'],
      [5, 1, "topic: expected a text, got 5"],
      ["news", 5n, "BigInt"],
    ] as const
  ) {
    const error = await assertRejects(() => publish(topic, data), CallHandlerError);
    assertStringIncludes(error.message, text);
  }
  assertEquals(client.take(), []);
});

Deno.test("a topics process lists its topics with the number of their subscribers", async () => {
  await using stage = await startTopics({ topics: ["news"] });
  const client = await stage.connect();
  await client.say(NEWS);
  assertEquals(await stage.node.call("topics", { kind: "topics" }), [
    { topic: "heartbeat", subscribers: 0 },
    { topic: "news", subscribers: 1 },
  ]);
});

Deno.test("a topics process refuses what it does not know and lives on", async () => {
  await using stage = await startTopics();
  for (const message of [null, 5, { kind: "other" }, { kind: "publish", topic: "heartbeat" }]) {
    stage.node.send("topics", message);
    await assertRejects(() => stage.node.call("topics", message), CallHandlerError);
  }
  // Of connections that nobody announced.
  stage.node.send("topics", { kind: "message", id: "?", type: 1, body: "{}" });
  stage.node.send("topics", { kind: "disconnect", id: "?", code: 1000, reason: "" });
  const client = await stage.connect();
  await client.say({ type: "echo_request", echo: "alive" });
  assertEquals(client.take()[0]?.data, { echo: "alive" });
});

Deno.test("closeClientConnections as a message closes every connection", async () => {
  await using stage = await startTopics();
  const clients = [await stage.connect(), await stage.connect()];
  const close = (options: object) =>
    stage.node.call("topics", { kind: "closeClientConnections", ...options });
  assertEquals(await close({ code: 1012, reason: "restart" }), 2);
  await settle();
  for (const { messages } of clients) {
    assertEquals(messages, [{ kind: "message", type: 8, code: 1012, reason: "restart" } as never]);
  }
  for (
    const [options, text] of [
      [{ code: 1005 }, "code: expected a code that may be sent"],
      [{ code: 4000.5 }, "got 4000.5"],
      [{ reason: "é".repeat(62) }, "reason: expected a text of at most 123 bytes"],
    ] as const
  ) {
    const error = await assertRejects(() => close(options), CallHandlerError);
    assertStringIncludes(error.message, text);
  }
});

/** A clock whose timers fire a moment early, as those of a machine may. */
class HastyClock extends ManualClock {
  override setTimeout(callback: () => void, delayMs: number): Timer {
    return super.setTimeout(callback, delayMs > 0.5 ? delayMs - 0.5 : delayMs);
  }
}

Deno.test("a topics process keeps the pace although timers fire a moment early", async () => {
  const clock = new HastyClock();
  await using stage = await startTopics({ clock });
  const client = await stage.connect();
  await client.say(SUBSCRIBE);
  client.take();
  await clock.advance(20_000);
  assertEquals(client.take().map((beat) => beat.uptime_seconds), ["5", "10", "15", "20"]);
  assertEquals(clock.pending, 1);
});
