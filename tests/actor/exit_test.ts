import { assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import type { ExitMessage, Pid, Process } from "../../src/actor/mod.ts";
import { createStage, idle, inProcess, receive, spawnBusy, watch } from "./stage.ts";

Deno.test("exit() with shutdown, the default, lets the mailbox be handled first", async () => {
  const { node } = createStage();
  const { pid, open, messages, down } = await spawnBusy(node);
  const ended = node.exit(pid);
  open();
  await ended;
  assertEquals(messages, [1, 2, 3, "end of loop"]);
  assertEquals((await down).reason, "shutdown");
  await node.stop();
});

Deno.test("exit() with another reason ends the loop before the next message", async () => {
  const { node } = createStage();
  const { pid, open, messages, down } = await spawnBusy(node);
  const ended = node.exit(pid, "enough");
  assertEquals(node.send(pid, 4), "terminated");
  open();
  await ended;
  assertEquals(messages, [1, "end of loop"]);
  assertEquals((await down).reason, "enough");
  await node.stop();
});

Deno.test("exit() with kill ends at once, without waiting for the function", async () => {
  const { node } = createStage();
  const { pid, open, messages, down } = await spawnBusy(node);
  await node.exit(pid, "kill");
  assertEquals([(await down).reason, messages], ["killed", [1]]);
  open();
  await settle();
  assertEquals(messages, [1, "end of loop"]);
  await node.stop();
});

Deno.test("exit() with normal is ignored, unless the target traps exits", async () => {
  const { node } = createStage();
  const plain = node.spawn(idle);
  const seen: unknown[] = [];
  const trapping = node.spawn(async (self) => {
    for await (const { message } of self) seen.push(message);
  }, { trapExit: true });
  const from = await inProcess(node, (self) => {
    void self.exit(plain, "normal");
    void self.exit(trapping, "normal");
    return self.pid;
  });
  await settle();
  assertEquals(seen, [{ kind: "exit", from, reason: "normal" }]);
  assertEquals([plain, trapping].map((pid) => node.send(pid, 1)), ["accepted", "accepted"]);
  await node.stop();
});

Deno.test("exit() of a process that traps exits is a message and it may go on", async () => {
  const { node } = createStage();
  const trapping = node.spawn(async (self) => {
    for await (const { message } of self) {
      if ((message as ExitMessage).reason === "please") return;
    }
  }, { trapExit: true });
  let ended = false;
  await inProcess(node, async (self) => {
    void self.exit(trapping).then(() => ended = true);
    void self.exit(trapping, "enough");
    await settle();
  });
  assertEquals([ended, node.send(trapping, 1)], [false, "accepted"]);
  await inProcess(node, (self) => self.exit(trapping, "please"));
  assertEquals(ended, true);
  await node.stop();
});

Deno.test("exit() with kill cannot be trapped", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const { pid, down } = watch(node, async (self) => {
    for await (const { message } of self) seen.push(message);
  }, { trapExit: true });
  const target = await pid;
  await inProcess(node, (self) => self.exit(target, "kill"));
  assertEquals([(await down).reason, seen], ["killed", []]);
  await node.stop();
});

/** A process that traps exits and keeps what it gets. */
function trapper(seen: unknown[]) {
  return async (self: Process) => {
    for await (const { message } of self) {
      seen.push((message as ExitMessage)?.kind === "exit" ? "exit message" : message);
    }
  };
}

Deno.test("exit() from the parent stops also a process that traps exits, after the message", async () => {
  const { node } = createStage();
  for (const reason of ["shutdown", "enough"]) {
    const seen: unknown[] = [];
    const told = await inProcess(node, async (self) => {
      const child = self.spawn(trapper(seen), { trapExit: true });
      self.monitor(child);
      self.send(child, "queued");
      await self.exit(child, reason);
      return (await receive(self) as { reason: string }).reason;
    });
    assertEquals([seen, told], [["exit message", "queued"], reason]);
  }
  await node.stop();
});

Deno.test("exit() from the node stops what the node spawned, also if it traps exits", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  await node.exit(node.spawn(trapper(seen), { trapExit: true }));
  assertEquals(seen, ["exit message"]);
  await node.stop();
});

Deno.test("exit() from the node leaves another's child alone if it traps exits", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const { pid } = watch(node, trapper(seen), { trapExit: true });
  const target = await pid;
  void node.exit(target);
  await settle();
  assertEquals([seen, node.send(target, 1)], [["exit message"], "accepted"]);
  await node.stop();
});

Deno.test("exit() resolves when the target has ended, at once if it is not alive", async () => {
  const { node } = createStage();
  await node.exit("nobody" as Pid);
  const { pid, open } = await spawnBusy(node);
  let resolved = 0;
  const both = Promise.all([
    node.exit(pid).then(() => resolved++),
    node.exit(pid).then(() => resolved++),
  ]);
  await settle();
  assertEquals(resolved, 0);
  open();
  await both;
  assertEquals(node.send(pid, 1), "terminated");
  await node.exit(pid);
  await node.stop();
});

Deno.test("a process can end itself", async () => {
  const { node } = createStage();
  const { down } = watch(node, async (self) => {
    void self.exit(self.pid, "enough of it");
    await idle(self);
  });
  assertEquals((await down).reason, "enough of it");
  await node.stop();
});
