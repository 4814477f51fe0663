import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { story } from "./connection/connection_stage.ts";
import { echoes, Inbox } from "./inbox.ts";
import { type Served, serveHandler, type ServeOptions } from "./stage.ts";

/** A handler over a pool of inboxes with these names. */
async function servePool(names: readonly string[], options: ServeOptions = {}) {
  const served = await serveHandler({ pool: names, ...options });
  const members = new Map(names.map((name) => [name, new Inbox(echoes)]));
  for (const [name, inbox] of members) served.node.spawn(inbox.run, { name });
  return { served, members };
}

/** Opens a connection, says which member got it, and lets it go. */
async function visit(served: Served, members: ReadonlyMap<string, Inbox>): Promise<string> {
  const count = (inbox: Inbox) => inbox.all("message").length;
  const before = new Map(Array.from(members, ([name, inbox]) => [name, count(inbox)]));
  await using client = await served.open();
  await client.send({ opcode: OPCODE.text, payload: "?" });
  await client.readText();
  return [...members].find(([name, inbox]) => count(inbox) > before.get(name)!)![0];
}

Deno.test("connections go to the pool's names in turn", async () => {
  const { served, members } = await servePool(["a", "b", "c"]);
  await using _served = served;
  const visited: string[] = [];
  for (let i = 0; i < 7; i++) visited.push(await visit(served, members));
  assertEquals(visited.join(""), "abcabca");
  for (const inbox of members.values()) await inbox.count("disconnect", 2);
  assertEquals(served.parent.messages, []);
});

Deno.test("names that nobody holds are passed over, and taken again when somebody does", async () => {
  const { served, members } = await servePool(["a", "b", "c"]);
  await using _served = served;
  const { node } = served;
  await node.exit(node.whereis("b")!);
  const visited: string[] = [];
  for (let i = 0; i < 4; i++) visited.push(await visit(served, members));
  node.spawn(members.get("b")!.run, { name: "b" });
  for (let i = 0; i < 3; i++) visited.push(await visit(served, members));
  assertEquals(visited.join(""), "acacabc");
});

Deno.test("a member that stops is passed over, although its name is still there", async () => {
  const { served, members } = await servePool(["a", "b"]);
  await using _served = served;
  const { node } = served;
  const gate = Promise.withResolvers<void>();
  await node.exit(node.whereis("a")!);
  const stopping = node.spawn(async (self) => {
    for await (const _ of self);
    await gate.promise;
  }, { name: "a" });
  const stopped = node.exit(stopping);
  const visited: string[] = [];
  for (let i = 0; i < 4; i++) visited.push(await visit(served, members));
  assertEquals([visited.join(""), node.whereis("a")], ["bbbb", stopping]);
  await node.exit(node.whereis("b")!);
  await using late = await served.open();
  assertEquals(await late.readClose(), { code: 1011, reason: "process gone" });
  gate.resolve();
  await stopped;
});

Deno.test("a refused handshake takes no turn of the pool", async () => {
  const { served, members } = await servePool(["a", "b"]);
  await using _served = served;
  const visited = [await visit(served, members)];
  const foreign = { headers: { Origin: "https://evil.net" } };
  assertEquals((await served.handshake(foreign)).status, 403);
  visited.push(await visit(served, members), await visit(served, members));
  assertEquals(visited.join(""), "aba");
});

Deno.test("the parent is the target where the pool is empty", async () => {
  await using served = await serveHandler();
  await using client = await served.open();
  await client.send({ opcode: OPCODE.text, payload: "to the parent" });
  client.close();
  await served.parent.take("disconnect");
  assertEquals(story(served.parent).slice(0, 2), ["connect", "message to the parent"]);
});

Deno.test("a pool member that throws closes its connections with 1011, the parent hears of it", async () => {
  const { served, members } = await servePool(["a", "b"]);
  await using _served = served;
  await using first = await served.open();
  await using second = await served.open();
  await members.get("b")!.take("connect");
  await served.node.exit(served.node.whereis("a")!, "panic");
  assertEquals(await first.readClose(), { code: 1011, reason: "process gone" });
  first.close();
  assertEquals((await served.parent.take("disconnect")).code, 1011);
  await second.send({ opcode: OPCODE.text, payload: "undisturbed" });
  assertEquals(await second.readText(), "undisturbed");
  assertEquals(members.get("a")!.all("disconnect"), []);
});

Deno.test("under next the connections of a lost member go to the others", async () => {
  const { served, members } = await servePool(["a", "b", "c"], { targetLost: "next" });
  await using _served = served;
  await using client = await served.open({ path: "/ws?who" });
  await members.get("a")!.take("connect");
  await served.node.exit(served.node.whereis("a")!, "kill");
  const { url } = await members.get("b")!.take("connect");
  assertEquals(url, `http://127.0.0.1:${served.port}/ws?who`);
  await client.send({ opcode: OPCODE.text, payload: "still served" });
  assertEquals(await client.readText(), "still served");
  client.close();
  await members.get("b")!.take("disconnect");
  assertEquals([members.get("c")!.messages, served.parent.messages], [[], []]);
});
