import {
  CallFullError,
  CallHandlerError,
  CallTerminatedError,
  CallTimeoutError,
  CallUnknownError,
  CallUnreachableError,
  createNode,
} from "../../src/actor/mod.ts";
import { assert, assertEquals, assertRejects } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { neverReplies, rejectsOnMessage, throwsOnMessage } from "../helpers/misbehaving.ts";
import { createGated, createStage, echo, inProcess, watch } from "./stage.ts";

Deno.test("call() resolves with the reply, from a process and from the node", async () => {
  await using node = createStage().node;
  const pid = node.spawn(echo, { name: "echo" });
  assertEquals(await node.call("echo", { a: 1 }), { a: 1 });
  assertEquals(await inProcess(node, (self) => self.call(pid, [2])), [2]);
  assertEquals(await node.call({ name: "echo", node: node.name }, undefined), undefined);
});

Deno.test("call() on the clock of the system leaves no timer behind", async () => {
  await using node = createNode();
  const pid = node.spawn(echo);
  assertEquals(await node.call(pid, "quick", { timeoutMs: 60_000 }), "quick");
});

Deno.test("call() of somebody unknown, dead or out of reach rejects at once", async () => {
  const { node, clock } = createStage("demo@host");
  const { pid, down } = watch(node, () => Promise.resolve());
  await down;
  const dead = await pid;
  const unknown = await assertRejects(node.call("nobody", 1), CallUnknownError);
  const ended = await assertRejects(node.call(dead, 1), CallTerminatedError);
  const far = { name: "x", node: "other@host" };
  const unreachable = await assertRejects(node.call(far, 1), CallUnreachableError);
  assertEquals([unknown, ended, unreachable].map(({ code, target }) => [code, target]), [
    ["unknown", "nobody"],
    ["terminated", dead],
    ["unreachable", far],
  ]);
  assertEquals(clock.pending, 0);
  await node.stop();
});

Deno.test("call() of a full process rejects at once with CallFullError", async () => {
  await using node = createStage().node;
  const gated = createGated();
  const pid = node.spawn(gated.run, { mailboxSize: 1 });
  node.send(pid, "in work");
  await settle();
  node.send(pid, "waits");
  const error = await assertRejects(node.call(pid, 1), CallFullError, "its mailbox is full");
  assertEquals([error.code, error.target], ["full", pid]);
  gated.open();
});

Deno.test("call() of a silent process rejects after timeoutMs, by default 5000", async () => {
  const { node, clock } = createStage();
  const pid = node.spawn(neverReplies);
  const settled: string[] = [];
  const note = (name: string) => (error: unknown) => {
    assert(error instanceof CallTimeoutError && error.code === "timeout");
    settled.push(`${name} ${error.timeoutMs} at ${clock.now()}`);
  };
  node.call(pid, 1).catch(note("default"));
  node.call(pid, 1, { timeoutMs: 30 }).catch(note("short"));
  inProcess(node, (self) => self.call(pid, 1, { timeoutMs: 40 })).catch(note("process"));
  await clock.advance(4999);
  assertEquals(settled, ["short 30 at 30", "process 40 at 40"]);
  await clock.advance(1);
  assertEquals(settled.at(-1), "default 5000 at 5000");
  await node.stop();
});

Deno.test("call() refuses a time-out that is none and a request that is not plain data", async () => {
  await using node = createStage().node;
  const pid = node.spawn(echo);
  for (const timeoutMs of [-1, NaN, Infinity]) {
    await assertRejects(node.call(pid, 1, { timeoutMs }), RangeError, `got ${timeoutMs} ms`);
  }
  await assertRejects(node.call(pid, () => {}), TypeError, "Cannot send the message");
});

Deno.test("an error in the handler reaches the caller at once, as the cause", async () => {
  const { node, clock } = createStage();
  for (const run of [throwsOnMessage, rejectsOnMessage]) {
    const pid = node.spawn(run);
    const error = await assertRejects(node.call(pid, "boom"), CallHandlerError, "Error: boom");
    assertEquals([error.code, error.target], ["handler_error", pid]);
    assertEquals((error.cause as Error).message, "boom");
    assertEquals(node.send(pid, 1), "terminated");
  }
  assertEquals([clock.now(), clock.pending], [0, 0]);
  await node.stop();
});

Deno.test("reply() of an Error rejects the call and the process goes on", async () => {
  await using node = createStage().node;
  const refusal = new TypeError("not today");
  const pid = node.spawn(async (self) => {
    for await (const { message, reply } of self) reply?.(message === "bad" ? refusal : message);
  });
  const error = await assertRejects(node.call(pid, "bad"), CallHandlerError, "not today");
  assert(error.cause === refusal);
  assertEquals(await node.call(pid, "good"), "good");
});

Deno.test("reply() of another call's error is this target's handler error", async () => {
  await using node = createStage().node;
  const front = node.spawn(async (self) => {
    for await (const { message, reply } of self) {
      reply?.(await self.call("nobody", message).catch((error) => error));
    }
  });
  const error = await assertRejects(node.call(front, 1), CallHandlerError);
  assertEquals(error.target, front);
  assert(error.cause instanceof CallUnknownError);
});

Deno.test("reply() says whether anybody still waited", async () => {
  const { node, clock } = createStage();
  const results: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const pid = node.spawn(async (self) => {
    for await (const { message, reply } of self) {
      if (message === "late") await gate.promise;
      results.push(message, reply?.(1), reply?.(2));
    }
  });
  assertEquals(await node.call(pid, "twice"), 1);
  const late = assertRejects(node.call(pid, "late", { timeoutMs: 10 }), CallTimeoutError);
  await clock.advance(10);
  await late;
  gate.resolve();
  await settle();
  assertEquals(results, ["twice", true, false, "late", false, false]);
  await node.stop();
});

Deno.test("reply() throws for what is not plain data, at the one who replies", async () => {
  await using node = createStage().node;
  const pid = node.spawn(async (self) => {
    for await (const { reply } of self) {
      try {
        reply?.(() => {});
      } catch (error) {
        assert(error instanceof TypeError && error.message.startsWith("Cannot reply: "));
        reply?.("caught");
      }
    }
  });
  assertEquals(await node.call(pid, 1), "caught");
});

Deno.test("call() of itself ends with a time-out, not in a hang", async () => {
  const { node, clock } = createStage();
  const call = inProcess(node, (self) => self.call(self.pid, 1, { timeoutMs: 10 }));
  const rejected = assertRejects(call, CallTimeoutError);
  await clock.advance(10);
  await rejected;
  await node.stop();
});

Deno.test("a thousand calls at once each get their own reply and leave nothing behind", async () => {
  const { node, clock } = createStage();
  const pid = node.spawn(echo);
  const replies = await inProcess(
    node,
    (self) => Promise.all(Array.from({ length: 1000 }, (_, i) => self.call(pid, i))),
  );
  assertEquals(replies, Array.from({ length: 1000 }, (_, i) => i));
  assertEquals([clock.pending, (await node.inspect(pid)).calls], [0, 0]);
  await node.stop();
});
