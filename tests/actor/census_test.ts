import { createNode, type Process } from "../../src/actor/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

async function idle(self: Process): Promise<void> {
  for await (const _ of self);
}

Deno.test("observer.rows() gives every actor in the order of its creation, from after one on", async () => {
  await using node = createNode();
  const names = ["a", "b", "c"];
  const pids = names.map((name) => node.spawn(idle, { name }));
  node.send("b", 1);
  const rows = Array.from(node.observer.rows(), ({ name, mailboxDepth, kind, state }) => {
    return { name, mailboxDepth, kind, state };
  });
  const row = { mailboxDepth: 0, kind: "process", state: "running" } as const;
  assertEquals(
    rows,
    names.map((name) => ({
      ...row,
      name,
      mailboxDepth: name === "b" ? 1 : 0,
    })),
  );
  const after = () => Array.from(node.observer.rows(pids[0]), ({ name }) => name);
  assertEquals(after(), ["b", "c"]);
  // Where one was that has ended by now, others still come after it.
  await node.exit(pids[0]!);
  assertEquals(after(), ["b", "c"]);
});

Deno.test("observer.relations() names both ends of links and monitors, and no more than asked for", async () => {
  await using node = createNode();
  const target = node.spawn(idle);
  const ready = Promise.withResolvers<void>();
  const watcher = node.spawn(async (self) => {
    self.monitor(target);
    self.link(target);
    ready.resolve();
    await idle(self);
  });
  await ready.promise;
  const none = { monitors: [], monitoredBy: [], links: [], linkedBy: [] };
  assertEquals(node.observer.relations(target, 5), {
    ...none,
    monitoredBy: [watcher],
    linkedBy: [watcher],
  });
  assertEquals(node.observer.relations(watcher, 5), {
    ...none,
    monitors: [target],
    links: [target],
  });
  assertEquals(node.observer.relations(watcher, 0), none);
});

Deno.test("observer.providers() finds those that provide a service until they end", async () => {
  await using node = createNode();
  const provider = () =>
    node.spawn(async (self) => {
      self.provide("rooms");
      self.provide("rooms");
      for await (const { reply } of self) reply?.(true);
    });
  const [one, other] = [provider(), provider()];
  await Promise.all([node.call(one, 1), node.call(other, 1)]);
  assertEquals(node.observer.providers("rooms"), [one, other]);
  assertEquals(node.observer.providers("topics"), []);
  await node.exit(one);
  assertEquals(node.observer.providers("rooms"), [other]);
});

Deno.test("observer.tap() tells of each message until it is taken back, each tap for itself", async () => {
  await using node = createNode();
  const target = node.spawn(idle, { name: "target" });
  const seen: string[] = [];
  const untapOne = node.observer.tap((to, { message }) => seen.push(`one ${to} ${message}`));
  const untapOther = node.observer.tap((to, { message }) => seen.push(`other ${to} ${message}`));
  node.send("target", "a");
  untapOne();
  untapOne();
  node.send(target, "b");
  untapOther();
  node.send(target, "c");
  assertEquals(seen, [`one ${target} a`, `other ${target} a`, `other ${target} b`]);
});
