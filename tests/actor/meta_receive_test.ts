import { assertEquals, assertRejects } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { CallHandlerError, type Envelope, type MetaBehavior } from "../../src/actor/mod.ts";
import { createStage, inProcess, spawnMeta } from "./stage.ts";

/** A behaviour that takes its messages by `receive`, runs until it is told, and notes all of it. */
function createReceiving() {
  const seen: unknown[] = [];
  const done = Promise.withResolvers<void>();
  const behavior: Partial<MetaBehavior> = {
    run: () => {
      seen.push("run");
      return done.promise;
    },
    receive: ({ message, reply }: Envelope) => {
      seen.push(message);
      if (message === "throw") throw new Error("boom");
      if (message === "finish") done.resolve();
      reply?.(`re: ${message}`);
    },
    stop: (reason) => {
      seen.push(`stop ${reason}`);
      done.resolve();
    },
  };
  return { seen, behavior, finish: done.resolve };
}

Deno.test("receive() gets what came before run, then each message, and answers calls", async () => {
  const { node } = createStage();
  const { seen, behavior } = createReceiving();
  const alias = await inProcess(node, async (self) => {
    const alias = self.spawnMeta({ ...behavior, terminate() {} } as MetaBehavior);
    self.send(alias, "early");
    assertEquals(await self.call(alias, "called"), "re: called");
    self.send(alias, "late");
    await settle();
    assertEquals(seen, ["run", "early", "called", "late"]);
    return alias;
  });
  await settle();
  assertEquals(seen.at(-1), "stop shutdown");
  assertEquals(node.send(alias, "gone"), "terminated");
  await node.stop();
});

Deno.test("stop() comes after what was sent before, and not if it ends by itself", async () => {
  const { node } = createStage();
  const stopped = createReceiving();
  const { alias, noted } = await spawnMeta(node, stopped.behavior);
  for (const message of ["a", "b"]) node.send(alias, message);
  await node.exit(alias);
  assertEquals(stopped.seen, ["run", "a", "b", "stop shutdown"]);
  await settle();
  assertEquals(noted, ["down shutdown"]);

  const finished = createReceiving();
  const second = await spawnMeta(node, finished.behavior);
  node.send(second.alias, "finish");
  await settle();
  assertEquals([finished.seen, second.noted], [["run", "finish"], ["down normal"]]);
  await node.stop();
});

Deno.test("a reason that is no shutdown leaves out what waits", async () => {
  const { node } = createStage();
  const { seen, behavior } = createReceiving();
  const { alias } = await spawnMeta(node, behavior);
  node.send(alias, "unread");
  await node.exit(alias, "enough");
  assertEquals(seen, ["run", "stop enough"]);
  await node.stop();
});

Deno.test("what receive() or stop() throws ends the meta-process with panic", async () => {
  const { node } = createStage();
  const receiving = createReceiving();
  const first = await spawnMeta(node, receiving.behavior);
  await assertRejects(node.call(first.alias, "throw"), CallHandlerError);
  await settle();
  assertEquals(first.noted, ["down panic"]);

  const stop = () => {
    throw new Error("boom");
  };
  const second = await spawnMeta(node, { ...createReceiving().behavior, stop });
  await node.exit(second.alias);
  await settle();
  assertEquals(second.noted, ["down panic"]);
  await node.stop();
});

Deno.test("a kill terminates it and neither hands over nor stops", async () => {
  const { node } = createStage();
  const { seen, behavior } = createReceiving();
  const { alias, noted } = await spawnMeta(node, behavior);
  node.send(alias, "unread");
  await node.exit(alias, "kill");
  await settle();
  assertEquals([seen, noted], [["run"], ["terminate killed", "down killed"]]);
  await node.stop();
});
