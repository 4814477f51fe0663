import { eventually, NATS, withBroker } from "../cluster/stage.ts";
import { assert, assertEquals, assertGreater } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { fetchMetrics } from "../helpers/prometheus.ts";
import type { RawClient } from "../../src/testing/raw_client.ts";
import { Person, serveRoom, subscribe } from "./room_stage.ts";

const NUMBERS = Array.from({ length: 200 }, (_, n) => n);

/** Enters until there are two on each of two nodes: a worker may begin to listen after another. */
async function fill(stack: AsyncDisposableStack, port: number): Promise<Map<string, Person[]>> {
  const byNode = new Map<string, Person[]>();
  await eventually("there are two on each of two nodes", async () => {
    const person = await Person.enter(port);
    const there = byNode.get(person.node) ?? [];
    if (there.length === 2) await person[Symbol.asyncDispose]();
    else byNode.set(person.node, [...there, stack.use(person)]);
    return byNode.size === 2 && [...byNode.values()].every(({ length }) => length === 2);
  });
  return byNode;
}

/** Resolves when the node of somebody knows that so many are in the lobby. */
async function meet(person: Person, people: number): Promise<void> {
  const text = JSON.stringify([people, people]);
  await eventually("all are known", async () => JSON.stringify(await person.ask("count")) === text);
}

/** Each hears what the first one says: all of it, in order, once. */
async function sayAll([speaker, ...others]: readonly [Person, ...Person[]]): Promise<void> {
  for (const n of NUMBERS) await speaker.tell("say", ["lobby", n]);
  await speaker.tell("shout", "over");
  for (const person of others) await person.hear("over");
  await speaker.hear([NUMBERS.at(-1)]);
  const said = NUMBERS.map((n) => [n]);
  assertEquals(speaker.heard.splice(0), said);
  for (const person of others) assertEquals(person.heard.splice(0), [...said, "over"]);
}

async function readNews(client: RawClient, count: number): Promise<unknown[]> {
  const news: unknown[] = [];
  while (news.length < count) news.push(JSON.parse(await client.readText()).data);
  return news;
}

Deno.test("rooms, ids and topics span the workers of a program, and one that is started again", async () => {
  await using stack = new AsyncDisposableStack();
  const { port } = stack.use(await serveRoom({ node: { workers: 2 } }));
  const byNode = await fill(stack, port);
  const [[one, ...more], [two, second, ...rest]] = [...byNode.values()] as [Person[], Person[]];
  assert(one !== undefined && two !== undefined && second !== undefined);
  const people = [one, ...more, two, second, ...rest];
  for (const person of [one, two]) await meet(person, people.length);
  await sayAll([one, ...more, two, second, ...rest]);
  await sayAll([two, second, ...rest, one, ...more]);

  const metrics = await fetchMetrics(port);
  const link = { node: "troupe/2@localhost", worker: "1" };
  assertGreater(metrics.value("troupe_link_messages_sent_total", link) ?? 0, 0);

  await one.tell("say", [two.id, "to you alone"]);
  await two.hear(["to you alone"]);
  assertEquals(await one.ask("isConnected", second.id), true);
  assertEquals(await one.ask("kick", second.id), true);
  assertEquals(await second.readClose(), { code: 4000, reason: "bye" });
  assertEquals(await one.ask("isConnected", second.id), false);
  await meet(one, people.length - 1);

  const readers = await Promise.all(Array.from({ length: 6 }, () => subscribe(port)));
  for (const reader of readers) stack.use(reader);
  await eventually("all subscribers are known", async () => await one.ask("subscribers") === 6);
  for (const n of NUMBERS) await one.tell("publish", n);
  await one.ask("publish", "over");
  for (const reader of readers) {
    assertEquals(await readNews(reader, 201), [...NUMBERS, "over"]);
  }

  await two.tell("exit", null);
  await two.readClose();
  let [again] = await Promise.all([Person.enter(port)]);
  await eventually("the worker is there again", async () => {
    if (again.node === two.node) return true;
    await again[Symbol.asyncDispose]();
    again = await Person.enter(port);
    return false;
  });
  stack.use(again);
  await meet(again, more.length + 2);
  await sayAll([one, ...more, again]);
});

testWith(NATS, "a room is one over two programs, one of which has workers", async (executable) => {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await withBroker(executable));
  const cluster = { nats: { servers: url } };
  const [one, two] = await Promise.all([
    serveRoom({ node: { name: "one@host", workers: 2 }, cluster }),
    serveRoom({ node: { name: "two@host" }, cluster }),
  ]);
  stack.use(one);
  stack.use(two);
  const byNode = await fill(stack, one.port);
  const stranger = stack.use(await Person.enter(two.port));
  const people = [...byNode.values()].flat();
  for (const [person] of byNode.values()) await meet(person!, people.length + 1);
  await meet(stranger, people.length + 1);
  await sayAll([stranger, ...people]);
  await sayAll([people[0]!, ...people.slice(1), stranger]);
});

testWith(
  NATS,
  "a room is one over three programs, and who has no members of a room is sent nothing of it",
  async (executable) => {
    await using stack = new AsyncDisposableStack();
    const { url } = stack.use(await withBroker(executable));
    const programs = await Promise.all(["one", "two", "three"].map(async (name) => {
      const node = { name: `${name}@host` };
      return stack.use(await serveRoom({ node, cluster: { nats: { servers: url } } }));
    }));
    const people = await Promise.all(programs.map(({ port }) => Person.enter(port)));
    for (const person of people) stack.use(person);
    const [one, two, three] = people as [Person, Person, Person];
    assertEquals(people.map(({ node }) => node), ["one@host", "two@host", "three@host"]);
    for (const person of people) await meet(person, 3);
    await sayAll([one, two, three]);
    await sayAll([three, one, two]);
    await two.ask("join", "attic");
    await eventually("it is known", async () => {
      const members = await one.ask("members", "attic") as string[];
      return members.length === 1 && members[0] === two.id;
    });

    const sentTo = async (node: string): Promise<number> => {
      const metrics = await fetchMetrics(programs[0]!.port);
      return metrics.value("troupe_link_messages_sent_total", { node }) ?? NaN;
    };
    const before = [await sentTo("two@host"), await sentTo("three@host")] as const;
    for (const n of NUMBERS) await one.tell("say", ["attic", n]);
    await two.hear([NUMBERS.at(-1)]);
    const after = [await sentTo("two@host"), await sentTo("three@host")] as const;
    assertEquals([after[0] - before[0], after[1] - before[1]], [NUMBERS.length, 0]);
    assertEquals(two.heard.splice(0), NUMBERS.map((n) => [n]));

    assertEquals(await one.ask("kick", three.id), true);
    assertEquals((await three.readClose()).code, 4000);
    await meet(two, 2);
  },
);
