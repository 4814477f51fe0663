import { createNode } from "../../src/actor/mod.ts";
import { Inbox } from "../../src/testing/mod.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";

type Fruit = { readonly kind: "apple" } | { readonly kind: "pear"; readonly size: number };

Deno.test("Inbox.take() gives each message once, those wanted first", async () => {
  await using node = createNode();
  const inbox = new Inbox<Fruit>();
  const pid = node.spawn(inbox.run);
  for (const size of [1, 2]) node.send(pid, { kind: "pear", size });
  node.send(pid, { kind: "apple" });
  const isApple = (fruit: Fruit) => fruit.kind === "apple";
  assertEquals(await inbox.take("an apple", isApple), { kind: "apple" });
  assertEquals(await inbox.take(), { kind: "pear", size: 1 });
  assertEquals(await inbox.take(), { kind: "pear", size: 2 });
  assertEquals(inbox.messages.length, 3);
});

Deno.test("Inbox.count() waits for what is still to come", async () => {
  await using node = createNode();
  const inbox = new Inbox<number>();
  const pid = node.spawn(inbox.run);
  const even = inbox.count(2, "even numbers", (each) => each % 2 === 0);
  for (const each of [1, 2, 3, 4]) node.send(pid, each);
  assertEquals(await even, [2, 4]);
});

Deno.test("Inbox does what it was told with a message, and what that throws ends it", async () => {
  await using node = createNode();
  const inbox = new Inbox<string>((_, message) => {
    if (message === "throw") throw new Error("as told");
  });
  const pid = node.spawn(inbox.run);
  node.send(pid, "throw");
  await inbox.take();
  await assertRejects(() => node.call(pid, "anybody?"), Error, "terminated");
});
