import { CallTerminatedError, type Process } from "../../src/actor/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import {
  hostileThrows,
  rejectsOnMessage,
  throwsAtOnce,
  throwsOnMessage,
} from "../helpers/misbehaving.ts";
import { createRecorder, createStage, echo, idle, inProcess, watch } from "./stage.ts";

Deno.test("spawn() starts the function in a later microtask", async () => {
  await using node = createStage().node;
  const order: string[] = [];
  node.spawn(() => {
    order.push("started");
    return Promise.resolve();
  });
  order.push("spawned");
  await settle();
  assertEquals(order, ["spawned", "started"]);
});

Deno.test("a process sees its Pid, name, node, env and clock", async () => {
  const { node, clock } = createStage("demo@host");
  await clock.advance(70);
  const env = { size: 8, list: [1] };
  const seen = await inProcess(node, (self) => {
    return [self.name, self.node, self.env, self.nowMs(), self.whereis("board") === self.pid];
  }, { name: "board", env });
  assertEquals(seen, ["board", "demo@host", env, 70, true]);
  assertEquals(await inProcess(node, ({ name, env }) => [name, env]), [undefined, {}]);
  await node.stop();
});

Deno.test("spawn() refuses what it cannot use and spawns nothing", async () => {
  await using node = createStage().node;
  assertThrows(() => node.spawn("echo" as never), TypeError, "expected a function, got string");
  const env = { run: () => {} };
  assertThrows(() => node.spawn(idle, { env }), TypeError, "Cannot spawn a process with this env");
  for (const mailboxSize of [0, -1, NaN]) {
    assertThrows(() => node.spawn(idle, { mailboxSize }), RangeError, `got size ${mailboxSize}`);
  }
  assertThrows(() => node.spawn(idle, { stopTimeoutMs: -1 }), RangeError, "stop a process: got -1");
  assertThrows(() => node.spawn(idle, { name: "no name" }), TypeError, `"no name"`);
  assertEquals(node.actors(), []);
});

Deno.test("returning is reason normal, also with messages unread", async () => {
  await using node = createStage().node;
  const { pid, down } = watch(node, () => Promise.resolve());
  const { kind, target, reason, detail } = await down;
  assertEquals([kind, target, reason, detail], ["down", await pid, "normal", undefined]);
});

Deno.test("throwing is reason panic with the text of the error, at once or later", async () => {
  await using node = createStage().node;
  const first = watch(node, throwsAtOnce);
  const second = watch(node, throwsOnMessage);
  const third = watch(node, rejectsOnMessage);
  node.send(await second.pid, "in the handler");
  node.send(await third.pid, "after an await");
  const downs = await Promise.all([first.down, second.down, third.down]);
  assertEquals(downs.map(({ reason }) => reason), ["panic", "panic", "panic"]);
  assertEquals(downs.map(({ detail }) => detail), [
    "Error: thrown at once",
    "Error: in the handler",
    "Error: after an await",
  ]);
});

Deno.test("whatever is thrown, it ends its process and nothing else", async () => {
  await using node = createStage().node;
  const bystander = node.spawn(echo);
  for (const thrown of hostileThrows()) {
    const { pid, down } = watch(node, async (self) => {
      for await (const _ of self) throw thrown;
    });
    const call = assertRejects(node.call(await pid, "go"), Error, "its handler failed");
    assertEquals((await down).reason, "panic");
    await call;
  }
  await settle();
  assertEquals(node.actors(), [bystander]);
  assertEquals(await node.call(bystander, "still there"), "still there");
});

Deno.test("a loop over the mailbox can be left and begun again", async () => {
  const { node } = createStage();
  const pid = node.spawn(async (self) => {
    const seen: unknown[] = [];
    for await (const { message } of self) {
      seen.push(message);
      if (message === "pause") break;
    }
    for await (const { message, reply } of self) {
      seen.push(message);
      reply?.(seen);
    }
  });
  for (const message of [1, "pause", 2]) node.send(pid, message);
  assertEquals(await node.call(pid, "what"), [1, "pause", 2, "what"]);
  await node.stop();
});

Deno.test("signal is aborted with the exit reason, also if it is asked for late", async () => {
  await using node = createStage().node;
  const seen: unknown[] = [];
  const pid = node.spawn(async (self) => {
    self.signal.addEventListener("abort", () => seen.push(self.signal.reason));
    seen.push(self.signal.aborted);
    await idle(self);
  });
  const late = node.spawn(async (self) => {
    await idle(self);
    seen.push([self.signal.aborted, self.signal.reason]);
  });
  await settle();
  await node.exit(pid, "enough");
  await node.exit(late);
  assertEquals(seen, [false, "enough", [true, "shutdown"]]);
});

Deno.test("a function that rejects with the reason of its signal ends as asked", async () => {
  await using node = createStage().node;
  const aborts = (self: Process) =>
    new Promise<void>((_, reject) => {
      self.signal.addEventListener("abort", () => reject(self.signal.reason));
    });
  const { pid, down } = watch(node, aborts);
  await settle();
  await node.exit(await pid);
  const { reason, detail } = await down;
  assertEquals([reason, detail], ["shutdown", undefined]);
});

Deno.test("what a process does after it was ended has no effect", async () => {
  const { node, clock } = createStage();
  const recorder = createRecorder();
  const to = node.spawn(recorder.run);
  const linked = node.spawn(idle);
  const gate = Promise.withResolvers<void>();
  const results = Promise.withResolvers<unknown[]>();
  const pid = node.spawn(async (self) => {
    await gate.promise;
    self.monitor(linked);
    self.link(linked);
    results.resolve([
      self.send(to, "posthumous"),
      self.sendAfter(to, "posthumous", 1)(),
      await assertRejects(self.call(to, "posthumous"), CallTerminatedError, "has ended"),
      assertThrows(() => self.spawn(idle), TypeError, `its parent ${self.pid} has ended`),
      (await self[Symbol.asyncIterator]().next()).done,
      self.signal.aborted,
    ].map((each) => each instanceof Error ? each.name : each));
    throw new Error("posthumous");
  });
  await settle();
  await node.exit(pid, "kill");
  gate.resolve();
  assertEquals(await results.promise, [
    "terminated",
    false,
    "CallTerminatedError",
    "TypeError",
    true,
    true,
  ]);
  await clock.advance(10);
  assertEquals([recorder.messages, clock.pending], [[], 0]);
  const { monitoredBy, linkedBy } = await node.inspect(linked);
  assertEquals([monitoredBy, linkedBy], [0, 0]);
  await node.stop();
});

Deno.test("10 000 processes come and go and leave the registry as it was", async () => {
  const { node, clock } = createStage();
  const anchor = node.spawn(idle, { name: "anchor" });
  const before = await node.inspect();
  for (let i = 0; i < 10_000; i += 1000) {
    const pids = Array.from({ length: 1000 }, (_, j) =>
      node.spawn(async (self) => {
        self.link(anchor);
        self.monitor(anchor);
        await idle(self);
      }, { name: `p${i + j}` }));
    await settle();
    await Promise.all(pids.map((pid) => node.exit(pid)));
  }
  const { uptimeMs: _, ...after } = await node.inspect();
  assertEquals({ ...after, uptimeMs: 0 }, before);
  assertEquals(node.actors(), [anchor]);
  const { monitoredBy, linkedBy } = await node.inspect(anchor);
  assertEquals([monitoredBy, linkedBy, clock.pending], [0, 0, 0]);
  assert(node.whereis("p0") === undefined);
  await node.stop();
});

Deno.test("log is one logger with the identity of its process", async () => {
  await using node = createStage().node;
  await inProcess(node, (self) => {
    assertEquals(self.log.category, ["troupe", "process"]);
    assert(self.log === self.log);
  });
});
