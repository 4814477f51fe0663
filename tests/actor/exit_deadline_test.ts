import { assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { ignoresStop, throwsWhileStopping } from "../helpers/misbehaving.ts";
import { createStage, idle, spawnBusy, watch } from "./stage.ts";

Deno.test("a process that ignores stop is ended at the deadline, by default after 5000 ms", async () => {
  const { node, clock } = createStage();
  const slow = watch(node, ignoresStop);
  const quick = watch(node, ignoresStop, { stopTimeoutMs: 30 });
  const seen: string[] = [];
  for (const { pid, down } of [slow, quick]) {
    void node.exit(await pid);
    void down.then(({ reason }) => seen.push(`${reason} at ${clock.now()}`));
  }
  await clock.advance(4999);
  assertEquals(seen, ["killed at 30"]);
  await clock.advance(1);
  assertEquals(seen, ["killed at 30", "killed at 5000"]);
  assertEquals(clock.pending, 0);
  await node.stop();
});

Deno.test("code after the loop, finally and using run before termination", async () => {
  const { node } = createStage();
  const order: string[] = [];
  const { pid, down } = watch(node, async (self) => {
    await using _ = {
      [Symbol.asyncDispose]: async () => {
        await settle();
        order.push("using");
      },
    };
    try {
      await idle(self);
      order.push("after the loop", self.signal.reason);
      await settle();
    } finally {
      order.push("finally");
    }
  });
  void down.then(() => order.push("down"));
  await node.exit(await pid);
  await settle();
  assertEquals(order, ["after the loop", "shutdown", "finally", "using", "down"]);
  await node.stop();
});

Deno.test("a process on its way out can still send and call", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const log = node.spawn(async (self) => {
    for await (const { message, reply } of self) {
      seen.push(message);
      reply?.("noted");
    }
  });
  const pid = node.spawn(async (self) => {
    await idle(self);
    self.send(log, "leaving");
    seen.push(await self.call(log, "anything else?"));
  });
  await settle();
  await node.exit(pid);
  assertEquals(seen, ["leaving", "anything else?", "noted"]);
  await node.stop();
});

Deno.test("throwing on the way out is a panic", async () => {
  const { node } = createStage();
  const { pid, down } = watch(node, throwsWhileStopping);
  await node.exit(await pid);
  const { reason, detail } = await down;
  assertEquals([reason, detail], ["panic", "Error: thrown while stopping"]);
  await node.stop();
});

Deno.test("exit() of one that is already stopping changes nothing, except with kill", async () => {
  const { node } = createStage();
  const { pid, open, messages, down } = await spawnBusy(node);
  void node.exit(pid);
  void node.exit(pid, "enough");
  open();
  assertEquals((await down).reason, "shutdown");
  assertEquals(messages, [1, 2, 3, "end of loop"]);

  const stuck = watch(node, ignoresStop);
  const target = await stuck.pid;
  void node.exit(target);
  await node.exit(target, "kill");
  assertEquals((await stuck.down).reason, "killed");
  await node.stop();
});

Deno.test("a process can be stopped before its function has begun", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const pid = node.spawn(async (self) => {
    seen.push(self.signal.aborted);
    for await (const { message } of self) seen.push(message);
  });
  node.send(pid, "early");
  await node.exit(pid);
  assertEquals(seen, [true, "early"]);

  const killed = node.spawn(() => Promise.resolve(void seen.push("never")));
  await node.exit(killed, "kill");
  await settle();
  assertEquals(seen.includes("never"), false);
  await node.stop();
});
