import { type Alias, CallHandlerError, type MetaProcess } from "../../src/actor/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import {
  createGated,
  createRecorder,
  createStage,
  echo,
  idle,
  inProcess,
  spawnMeta,
} from "./stage.ts";

Deno.test("spawnMeta() gives an Alias that is a target like a Pid", async () => {
  const { node } = createStage("demo@host");
  const seen: unknown[] = [];
  const { parent, alias } = await spawnMeta(node, {
    run: async (self) => {
      seen.push(self.id, self.parent, self.node);
      for await (const { message, reply } of self) reply ? reply(message) : seen.push(message);
    },
  });
  assertEquals(node.send(alias, "sent"), "accepted");
  assertEquals(await node.call(alias, "called"), "called");
  assertEquals(seen, [alias, parent, "demo@host", "sent"]);
  assert(alias.startsWith("Alias#<demo@host/"));
  await node.stop();
});

Deno.test("a meta-process sends, calls and monitors as a process does, under its Alias", async () => {
  const { node, clock } = createStage();
  const recorder = createRecorder();
  const keeper = node.spawn(recorder.run, { name: "keeper" });
  const server = node.spawn(async (self) => {
    for await (const { from, reply } of self) reply?.(from);
  });
  const { alias } = await spawnMeta(node, {
    run: async (self) => {
      self.monitor(keeper);
      self.send("keeper", await self.call(server, "who asks?"));
      self.sendAfter("keeper", "later", 5);
      await idle(self);
    },
  });
  assertEquals((await node.inspect(alias)).monitors, 1);
  await clock.advance(5);
  assertEquals(recorder.messages, [alias, "later"]);
  await node.stop();
});

Deno.test("a meta-process that throws ends with panic and leaves its parent alone", async () => {
  const { node } = createStage();
  const { parent, noted } = await spawnMeta(node, { run: () => Promise.reject(new Error("boom")) });
  assertEquals(noted, ["down panic"]);
  assertEquals(node.send(parent, { kind: "alive" }), "accepted");
  const thrown = await spawnMeta(node, {
    run: () => {
      throw new Error("boom");
    },
  });
  assertEquals(thrown.noted, ["down panic"]);
  await node.stop();
});

Deno.test("validate() refuses a message: the sender gets the error, the mailbox nothing", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const { alias } = await spawnMeta(node, {
    run: async (self) => {
      for await (const { message } of self) seen.push(message);
    },
    validate: (message) => {
      if (message === "bad") throw new RangeError("Cannot take it: it is bad");
    },
  });
  assertThrows(() => node.send(alias, "bad"), RangeError, "it is bad");
  await assertRejects(node.call(alias, "bad"), RangeError, "it is bad");
  const caught = await inProcess(node, (self) => {
    self.send(alias, "good");
    return assertThrows(() => self.send(alias, "bad"), RangeError).message;
  });
  assertEquals(caught, "Cannot take it: it is bad");
  await settle();
  assertEquals([seen, (await node.inspect(alias)).accepted], [["good"], 1]);
  await node.stop();
});

Deno.test("sendAfter() of a message that validate() refuses harms nobody", async () => {
  const { node, clock } = createStage();
  const { alias } = await spawnMeta(node, {
    validate: () => {
      throw new RangeError("Cannot take it: it is bad");
    },
  });
  const sender = node.spawn(async (self) => {
    self.sendAfter(alias, "bad", 5);
    await echo(self);
  });
  await clock.advance(5);
  assertEquals(await node.call(sender, "alive?"), "alive?");
  await node.stop();
});

Deno.test("spawnMeta() of a meta-process gives the new one the same parent", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const note = async (self: MetaProcess) => {
    seen.push(self.parent);
    await idle(self);
  };
  const { parent, alias } = await spawnMeta(node, {
    run: async (self) => {
      self.spawnMeta({ run: note, terminate() {} });
      await idle(self);
    },
  });
  assertEquals(seen, [parent]);
  await node.exit(alias);
  assertEquals(node.actors().length, 2);
  await node.exit(parent);
  await settle();
  assertEquals(node.actors(), []);
  await node.stop();
});

Deno.test("1000 meta-processes come and go and leave their parent as it was", async () => {
  const { node, clock } = createStage();
  const parent = node.spawn(async (self) => {
    for await (const { reply } of self) {
      reply?.(Array.from({ length: 1000 }, () => self.spawnMeta({ run: idle, terminate() {} })));
    }
  });
  const before = await node.inspect(parent);
  const aliases = await node.call(parent, "spawn") as Alias[];
  assertEquals([(await node.inspect(parent)).metas, node.actors().length], [1000, 1001]);
  await Promise.all(aliases.map((alias, i) => node.exit(alias, i % 2 ? "kill" : "shutdown")));
  assertEquals(await node.inspect(parent), { ...before, accepted: 1 });
  assertEquals([node.actors(), clock.pending], [[parent], 0]);
  await node.stop();
});

Deno.test("mailboxSize bounds the mailbox of a meta-process", async () => {
  const { node } = createStage();
  const { alias } = await spawnMeta(node, { run: () => new Promise(() => {}) }, { mailboxSize: 2 });
  assertEquals([1, 2, 3].map((message) => node.send(alias, message)), [
    "accepted",
    "accepted",
    "full",
  ]);
  await node.exit(alias, "kill");
  await node.stop();
});

Deno.test("sendUnchecked() passes a full mailbox when it is told to, and only then", async () => {
  const { node } = createStage();
  const gated = createGated();
  const target = node.spawn(gated.run, { mailboxSize: 1 });
  node.send(target, "in work");
  await settle();
  let self: MetaProcess;
  const { alias } = await spawnMeta(node, { run: (given) => idle(self = given) });
  const results = [
    self!.sendUnchecked(target, "fits"),
    self!.sendUnchecked(target, "lost"),
    self!.send(target, "lost"),
    self!.sendUnchecked(target, "must not be lost", true),
  ];
  assertEquals(results, ["accepted", "full", "full", "accepted"]);
  gated.open();
  await settle();
  assertEquals(gated.messages, ["in work", "fits", "must not be lost"]);
  await node.exit(alias);
  assertEquals(self!.sendUnchecked(target, "posthumous", true), "terminated");
  assertEquals(self!.sendUnchecked("nobody", "hi", true), "terminated");
  await node.stop();
});

Deno.test("call() of a meta-process that throws is a handler error", async () => {
  const { node } = createStage();
  const { alias } = await spawnMeta(node, {
    run: async (self) => {
      for await (const { message } of self) throw new Error(String(message));
    },
  });
  await assertRejects(node.call(alias, "boom"), CallHandlerError, "boom");
  await node.stop();
});
