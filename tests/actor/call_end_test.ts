import { assert, assertEquals, assertRejects } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { ignoresStop, neverReplies } from "../helpers/misbehaving.ts";
import { CallError, CallHandlerError, CallTerminatedError } from "../../src/actor/mod.ts";
import { createStage, echo } from "./stage.ts";

Deno.test("a handler that throws fails what it has read; what it has not is terminated", async () => {
  await using node = createStage().node;
  const gate = Promise.withResolvers<void>();
  const pid = node.spawn(async (self) => {
    for await (const _ of self) {
      await gate.promise;
      throw new Error("boom");
    }
  });
  const read = assertRejects(node.call(pid, 1), CallHandlerError);
  const unread = assertRejects(node.call(pid, 2), CallTerminatedError, "before it replied");
  await settle();
  gate.resolve();
  await Promise.all([read, unread]);
});

Deno.test("call() of one that ends without a reply rejects at once", async () => {
  const { node, clock } = createStage();
  const returns = node.spawn(async (self) => {
    for await (const _ of self) return;
  });
  const killed = node.spawn(neverReplies, { name: "killed" });
  const stopped = node.spawn(neverReplies);
  const calls = [returns, "killed", stopped].map((to) =>
    assertRejects(node.call(to, 1), CallTerminatedError, "before it replied")
  );
  await settle();
  await node.exit(killed, "kill");
  await node.exit(stopped);
  const errors = await Promise.all(calls);
  assertEquals(errors.map(({ target }) => target), [returns, "killed", stopped]);
  assertEquals([clock.now(), clock.pending], [0, 0]);
  await node.stop();
});

Deno.test("call() that is never read rejects when the process is told to end", async () => {
  const { node, clock } = createStage();
  const pid = node.spawn(ignoresStop);
  await settle();
  const call = assertRejects(node.call(pid, 1), CallTerminatedError);
  const ended = node.exit(pid, "enough");
  await call;
  assertEquals(clock.now(), 0);
  await clock.advance(5000);
  await ended;
  await node.stop();
});

Deno.test("call() in the mailbox is still answered by a process that shuts down", async () => {
  await using node = createStage().node;
  const pid = node.spawn(echo);
  const call = node.call(pid, "last");
  await node.exit(pid);
  assertEquals(await call, "last");
});

Deno.test("a caller that ends waits no more, and the reply finds nobody", async () => {
  const { node, clock } = createStage();
  const gate = Promise.withResolvers<void>();
  const replied = Promise.withResolvers<unknown>();
  const slow = node.spawn(async (self) => {
    for await (const { reply } of self) {
      await gate.promise;
      replied.resolve(reply?.("too late"));
    }
  });
  const failure = Promise.withResolvers<unknown>();
  const caller = node.spawn(async (self) => {
    await self.call(slow, 1).catch(failure.resolve);
  });
  await settle();
  await node.exit(caller, "kill");
  const error = await failure.promise;
  assert(error instanceof CallError && error.message.endsWith(`the caller ${caller} has ended`));
  assertEquals(clock.pending, 0);
  gate.resolve();
  assertEquals(await replied.promise, false);
  await node.stop();
});
