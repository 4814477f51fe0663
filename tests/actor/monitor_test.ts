import { assert, assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import type { DownMessage, Pid, Process, Ref } from "../../src/actor/mod.ts";
import { createStage, idle, inProcess, receive, watch } from "./stage.ts";

const down = async (self: Process) => await receive(self) as DownMessage;

Deno.test("monitor() sends one down message with ref, target and reason", async () => {
  await using node = createStage().node;
  for (const reason of ["shutdown", "kill", "enough"]) {
    const target = node.spawn(idle);
    const [ref, message] = await inProcess(node, async (self): Promise<[Ref, DownMessage]> => {
      const ref = self.monitor(target);
      void self.exit(target, reason);
      return [ref, await down(self)];
    });
    const told = reason === "kill" ? "killed" : reason;
    assertEquals(message, { kind: "down", ref, target, reason: told });
  }
});

Deno.test("monitor() of a name gives the name back and follows the process, not the name", async () => {
  await using node = createStage().node;
  const pid = node.spawn(idle, { name: "worker" });
  const message = await inProcess(node, async (self) => {
    self.monitor("worker");
    node.unregister("worker");
    node.spawn(idle, { name: "worker" });
    void self.exit(pid);
    return await down(self);
  });
  assertEquals([message.target, message.reason], ["worker", "shutdown"]);
});

Deno.test("monitor() of something that is not alive reports at once", async () => {
  await using node = createStage("demo@host").node;
  await using other = createStage("other@host").node;
  const gone = watch(node, () => Promise.resolve());
  await gone.down;
  const targets: [Pid | string, string][] = [
    [await gone.pid, "terminated"],
    ["nobody", "unknown"],
    [other.spawn(idle), "noconnection"],
  ];
  for (const [target, reason] of targets) {
    const message = await inProcess(node, async (self) => {
      const ref = self.monitor(target);
      const message = await down(self);
      assertEquals(message.ref, ref);
      return message;
    });
    assertEquals([message.kind, message.target, message.reason], ["down", target, reason]);
  }
});

Deno.test("monitor() twice of the same gives two messages, each with its own ref", async () => {
  await using node = createStage().node;
  const target = node.spawn(idle);
  const [refs, told] = await inProcess(node, async (self) => {
    const refs = [self.monitor(target), self.monitor(target)];
    void self.exit(target);
    return [refs, [(await down(self)).ref, (await down(self)).ref]];
  });
  assert(refs![0] !== refs![1]);
  assertEquals(told, refs);
});

Deno.test("demonitor() keeps the down message away; false if used or never there", async () => {
  await using node = createStage().node;
  const target = node.spawn(idle);
  const results = await inProcess(node, async (self) => {
    const first = self.monitor(target);
    const second = self.monitor(target);
    const results = [self.demonitor(first), self.demonitor(first), self.demonitor("x" as Ref)];
    await self.exit(target);
    assertEquals((await down(self)).ref, second);
    self.send(self.pid, "nothing else");
    assertEquals(await receive(self), "nothing else");
    return [...results, self.demonitor(second)];
  });
  assertEquals(results, [true, false, false, false]);
});

Deno.test("a down message passes the user messages that wait", async () => {
  await using node = createStage().node;
  const target = node.spawn(idle);
  const order = await inProcess(node, async (self) => {
    self.monitor(target);
    self.send(self.pid, "user");
    await self.exit(target);
    return [(await down(self)).kind, await receive(self)];
  });
  assertEquals(order, ["down", "user"]);
});

Deno.test("a down message reaches a process whose mailbox is full", async () => {
  await using node = createStage().node;
  const target = node.spawn(idle);
  const seen = await inProcess(node, async (self) => {
    self.monitor(target);
    assertEquals([self.send(self.pid, 1), self.send(self.pid, 2)], ["accepted", "full"]);
    await self.exit(target);
    return (await down(self)).kind;
  }, { mailboxSize: 1 });
  assertEquals(seen, "down");
});

Deno.test("a monitor that ended leaves nothing behind, at either end", async () => {
  await using node = createStage().node;
  const target = node.spawn(idle);
  const watcher = node.spawn(async (self) => {
    self.monitor(target);
    await idle(self);
  });
  await settle();
  assertEquals((await node.inspect(watcher)).monitors, 1);
  await node.exit(target);
  assertEquals((await node.inspect(watcher)).monitors, 0);
});
