import {
  CallTerminatedError,
  CallUnknownError,
  CallUnreachableError,
} from "../../src/actor/mod.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { createStage, idle, inProcess, watch } from "./stage.ts";

Deno.test("inspect() of a process is a flat record of strings and numbers", async () => {
  const { node, clock } = createStage("demo@host");
  const { pid } = watch(node, async (self) => {
    self.monitor(node.spawn(idle));
    self.link(node.spawn(idle));
    for await (const _ of self) await new Promise(() => {});
  }, { name: "worker", mailboxSize: 5, stopTimeoutMs: 10 });
  const id = await pid;
  for (const message of [1, 2, 3]) node.send(id, message);
  await clock.advance(1500);
  const { parent, ...record } = await node.inspect(id);
  assertEquals(record, {
    node: "demo@host",
    kind: "process",
    id,
    name: "worker",
    state: "running",
    uptimeMs: 1500,
    mailboxDepth: 2,
    mailboxSize: 5,
    accepted: 3,
    overflows: 0,
    metas: 0,
    calls: 0,
    monitors: 1,
    monitoredBy: 1,
    links: 1,
    linkedBy: 0,
  });
  assertEquals(node.send(parent as string, "it is a Pid"), "accepted");
  assertEquals(await node.inspect("worker"), { ...record, parent: parent! });
  void node.exit(id);
  assertEquals((await node.inspect(id)).state, "stopping");
  await clock.advance(10);
  await node.stop();
});

Deno.test("inspect() without a target is about the process itself", async () => {
  await using node = createStage().node;
  const [pid, record] = await inProcess(node, async (self) => {
    return [self.pid, await self.inspect()] as const;
  });
  assertEquals([record.kind, record.id, record.name, record.parent], ["process", pid, "", ""]);
});

Deno.test("inspect() of a meta-process names its kind and parent", async () => {
  await using node = createStage().node;
  const [pid, alias, record] = await inProcess(node, async (self) => {
    const alias = self.spawnMeta({ run: idle, terminate() {} });
    return [self.pid, alias, await self.inspect(alias)] as const;
  });
  assertEquals([record.kind, record.id, record.parent], ["meta", alias, pid]);
});

Deno.test("onInspect() adds fields", async () => {
  await using node = createStage().node;
  let rooms = 1;
  const pid = node.spawn(async (self) => {
    self.onInspect(() => ({ rooms, phase: "open" }));
    await idle(self);
  });
  await settle();
  rooms = 2;
  const { id, ...record } = await node.inspect(pid);
  assertEquals([id, record.rooms, record.phase], [pid, 2, "open"]);
});

Deno.test("onInspect() that throws fails the inspection, not the process", async () => {
  await using node = createStage().node;
  const pid = node.spawn(async (self) => {
    self.onInspect(() => {
      throw new Error("no idea");
    });
    await idle(self);
  });
  await settle();
  await assertRejects(node.inspect(pid), Error, "no idea");
  assertEquals(node.send(pid, 1), "accepted");
});

Deno.test("inspect() of what is not alive rejects with a class that says why", async () => {
  await using node = createStage("demo@host").node;
  const { pid, down } = watch(node, () => Promise.resolve());
  await down;
  const ended = await pid;
  await assertRejects(node.inspect(ended), CallTerminatedError);
  await assertRejects(node.inspect({ name: "x", node: "other@host" }), CallUnreachableError);
  const asked = inProcess(node, (self) => self.inspect("nobody"));
  await assertRejects(asked, CallUnknownError);
});

Deno.test("inspect() of the node counts what lives on it", async () => {
  const { node, clock } = createStage("demo@host");
  node.spawn(idle, { name: "a" });
  node.spawn(async (self) => {
    self.spawnMeta({ run: idle, terminate() {} });
    await idle(self);
  });
  await clock.advance(20);
  const record = { kind: "node", id: "demo@host", incarnation: node.incarnation };
  assertEquals(await node.inspect(), {
    ...record,
    state: "running",
    actors: 3,
    names: 1,
    uptimeMs: 20,
  });
  await node.stop();
  assertEquals(await node.inspect(), {
    ...record,
    state: "stopping",
    actors: 0,
    names: 0,
    uptimeMs: 20,
  });
});
