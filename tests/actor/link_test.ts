import { assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { throwsAtOnce } from "../helpers/misbehaving.ts";
import type { Alias, ExitMessage, Pid, Process, SpawnOptions } from "../../src/actor/mod.ts";
import { createStage, idle, inProcess, receive, watch } from "./stage.ts";

/** A process that links to `target` and goes on. */
const linker = (target: Pid | Alias) => async (self: Process) => {
  self.link(target);
  await idle(self);
};

Deno.test("link() hands on the reason of the linked one's end", async () => {
  const { node } = createStage();
  const expected = [["shutdown", "shutdown"], ["enough", "enough"], ["kill", "killed"]];
  for (const [reason, told] of expected) {
    const target = node.spawn(idle);
    const { down } = watch(node, linker(target));
    await settle();
    await node.exit(target, reason);
    assertEquals((await down).reason, told);
  }
  await node.stop();
});

Deno.test("link() hands on a panic as the reason, and a normal end not at all", async () => {
  const { node } = createStage();
  const gate = Promise.withResolvers<void>();
  const panics = node.spawn(async () => {
    await gate.promise;
    throw new Error("boom");
  });
  const returns = node.spawn(() => gate.promise);
  const first = watch(node, linker(panics));
  const second = watch(node, linker(returns));
  await settle();
  gate.resolve();
  const { reason, detail } = await first.down;
  assertEquals([reason, detail], ["panic", undefined]);
  assertEquals(node.send(await second.pid, "alive?"), "accepted");
  await node.stop();
});

Deno.test("link() is one-way", async () => {
  const { node } = createStage();
  const target = node.spawn(idle);
  const { pid, down } = watch(node, linker(target));
  await settle();
  await node.exit(await pid, "enough");
  assertEquals((await down).reason, "enough");
  assertEquals(node.send(target, "alive?"), "accepted");
  await node.stop();
});

Deno.test("unlink() takes a link back", async () => {
  const { node } = createStage();
  const target = node.spawn(idle);
  const pid = node.spawn(async (self) => {
    self.link(target);
    self.unlink(target);
    await idle(self);
  });
  await settle();
  await node.exit(target, "enough");
  assertEquals(node.send(pid, "alive?"), "accepted");
  assertEquals((await node.inspect(pid)).links, 0);
  await node.stop();
});

Deno.test("link() to something that is not alive is an exit signal at once", async () => {
  const { node } = createStage();
  const gone = watch(node, () => Promise.resolve());
  await gone.down;
  assertEquals((await watch(node, linker(await gone.pid)).down).reason, "terminated");
  assertEquals((await watch(node, linker("nobody" as Pid)).down).reason, "unknown");
  await node.stop();
});

Deno.test("link() of a process that traps exits gives an exit message, and it goes on", async () => {
  const { node } = createStage();
  const seen = await inProcess(node, async (self) => {
    const messages: unknown[] = [];
    for (const reason of ["shutdown", "normal", "enough"]) {
      const gate = Promise.withResolvers<void>();
      const target = self.spawn(reason === "normal" ? () => gate.promise : idle);
      self.link(target);
      gate.resolve();
      await self.exit(target, reason);
      const { kind, from, reason: told } = await receive(self) as ExitMessage;
      messages.push([kind, from === target, told]);
    }
    return messages;
  }, { trapExit: true });
  assertEquals(seen, [["exit", true, "shutdown"], ["exit", true, "normal"], [
    "exit",
    true,
    "enough",
  ]]);
  await node.stop();
});

Deno.test("link() to something dead leaves a process without parent alive if it traps exits", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const pid = node.spawn(async (self) => {
    self.link("nobody" as Pid);
    for await (const { message } of self) seen.push(message);
  }, { trapExit: true });
  await settle();
  assertEquals(seen, [{ kind: "exit", from: "nobody", reason: "unknown" }]);
  assertEquals(node.send(pid, "alive?"), "accepted");
  await node.stop();
});

/** Spawns a parent with one child and tells which of them outlives a panic of the other. */
async function survivors(options: SpawnOptions, ends: "parent" | "child"): Promise<string[]> {
  const { node } = createStage();
  const gate = Promise.withResolvers<void>();
  const panic = async () => {
    await gate.promise;
    throw new Error("boom");
  };
  const pids = await new Promise<Pid[]>((resolve) => {
    node.spawn(async (self) => {
      resolve([self.pid, self.spawn(ends === "child" ? panic : idle, options)]);
      await (ends === "parent" ? panic() : idle(self));
    });
  });
  gate.resolve();
  await settle();
  const alive = node.actors();
  await node.stop();
  return ["parent", "child"].filter((_, index) => alive.includes(pids[index]!));
}

Deno.test("spawn() links only as linkChild and linkParent say", async () => {
  assertEquals(await survivors({}, "child"), ["parent"]);
  assertEquals(await survivors({}, "parent"), ["child"]);
  assertEquals(await survivors({ linkChild: true }, "child"), []);
  assertEquals(await survivors({ linkChild: true }, "parent"), ["child"]);
  assertEquals(await survivors({ linkParent: true }, "parent"), []);
  assertEquals(await survivors({ linkParent: true }, "child"), ["parent"]);
});

Deno.test("linkParent ends also a child that traps exits when its parent ends", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const parent = node.spawn(async (self) => {
    self.spawn(async (child) => {
      for await (const { message } of child) seen.push((message as ExitMessage).reason);
      seen.push("stopped");
    }, { linkParent: true, trapExit: true });
    await idle(self);
  });
  await settle();
  await node.exit(parent, "kill");
  await settle();
  assertEquals([seen, node.actors()], [["killed", "stopped"], []]);
  await node.stop();
});

Deno.test("linkChild tells a parent that traps exits of a child that never got to run", async () => {
  const { node } = createStage();
  const message = await inProcess(node, async (self) => {
    self.spawn(throwsAtOnce, { linkChild: true });
    return await receive(self) as ExitMessage;
  }, { trapExit: true });
  assertEquals([message.kind, message.reason], ["exit", "panic"]);
  await node.stop();
});

Deno.test("link() to a meta-process hands on the end of that", async () => {
  const { node } = createStage();
  const { down } = watch(node, async (self) => {
    const alias = self.spawnMeta({
      run: () => Promise.reject(new Error("boom")),
      terminate() {},
    });
    await linker(alias)(self);
  });
  assertEquals((await down).reason, "panic");
  await node.stop();
});
