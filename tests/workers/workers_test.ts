import { createNode, isDown, type Node } from "../../src/actor/mod.ts";
import {
  startWorkers,
  type Workers,
  type WorkersOptions,
  WorkerStartError,
} from "../../src/workers/mod.ts";
import { inProcess } from "../actor/stage.ts";
import { eventually } from "../cluster/stage.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";

const MODULE = new URL("./worker_entry.js", import.meta.url);

async function open(count = 2, more: Partial<WorkersOptions> = {}) {
  const node = createNode({ name: "main@host" });
  const told: unknown[] = [];
  const workers = await startWorkers(MODULE, {
    count,
    node,
    data: () => ({}),
    hear: (index, message) => told.push([index, message]),
    answer: (index, request) => `${request}, ${index}?`,
    ...more,
  });
  return {
    node,
    workers,
    told,
    async [Symbol.asyncDispose]() {
      workers.stop();
      await node.stop();
    },
  };
}

const echo = (index: number) => ({ name: "echo", node: `main/${index}@host` });

/** Resolves when a worker answers. */
function answers(node: Node, workers: Workers, index: number): Promise<void> {
  return eventually(`worker ${index} answers`, async () =>
    workers.ready.includes(index) &&
    await node.call(echo(index), "there", { timeoutMs: 500 }).catch(() => "") === `${index} there`);
}

Deno.test("workers are linked with the main thread and with each other, and answer questions", async () => {
  await using stage = await open(3);
  const { node, workers, told } = stage;
  for (const index of [1, 2, 3]) assertEquals(await node.call(echo(index), "hi"), `${index} hi`);
  assertEquals(workers.ready, [1, 2, 3]);
  assertEquals(await workers.ask(2, "this"), "2 answers this");
  assertEquals(await node.call(echo(3), "ask"), "who are you, 3?");
  node.send(echo(1), "tell");
  await eventually("it tells", () => told.length > 0);
  assertEquals(told, [[1, "told by 1"]]);
});

for (const how of ["close", "exit", "throw", "terminate"] as const) {
  Deno.test(`a worker that ends by ${how} is told of, and started again; the others go on`, async () => {
    await using stage = await open();
    const { node, workers } = stage;
    const reason = await inProcess(node, async (self) => {
      const { id } = await self.inspect(echo(1));
      self.monitor(id as never);
      if (how === "terminate") workers.terminate(1);
      else self.send(echo(1), how);
      for await (const envelope of self) if (isDown(envelope)) return envelope.message.reason;
    });
    assertEquals(reason, "noconnection");
    assertEquals(await node.call(echo(2), "hi"), "2 hi");
    await answers(node, workers, 1);
  });
}

Deno.test("a worker that crashes while others send to it fails what waits, and takes the rest again", async () => {
  await using stage = await open();
  const { node, workers } = stage;
  const ask = async (count: number) => {
    try {
      return await node.call(echo(1), count, { timeoutMs: 5_000 });
    } catch (error) {
      return (error as Error).name;
    }
  };
  const asked: Promise<unknown>[] = [];
  for (let count = 0; count < 300; count++) {
    asked.push(ask(count));
    // In mid-flow: some have their answers, some are on their way, some come later.
    if (count === 150) workers.terminate(1);
    if (count % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const settled = await Promise.all(asked);
  const failed = settled.filter((answer, count) => answer !== `1 ${count}`);
  assertEquals([...new Set(failed)], ["CallUnreachableError"]);
  assertEquals(await node.call(echo(2), "hi"), "2 hi");
  await answers(node, workers, 1);
});

Deno.test("a worker that computes without a pause is ended where that is asked for", async () => {
  const stuck = Promise.withResolvers<number>();
  await using stage = await open(2, { killBlockedAfterMs: 1_000, stuck: stuck.resolve });
  const { node, workers } = stage;
  const reason = await inProcess(node, async (self) => {
    const { id } = await self.inspect(echo(1));
    self.monitor(id as never);
    self.send(echo(1), "loop");
    for await (const envelope of self) if (isDown(envelope)) return envelope.message.reason;
  });
  assertEquals(reason, "noconnection");
  assertEquals(await node.call(echo(2), "hi"), "2 hi");
  await answers(node, workers, 1);
  // Its loop is longer: the runtime cannot interrupt it.
  assertEquals(await stuck.promise, 1);
});

Deno.test("a time after which no worker may be ended is refused", async () => {
  await using node = createNode({ name: "main@host" });
  const starting = (killBlockedAfterMs: number) => () =>
    startWorkers(MODULE, { count: 1, node, killBlockedAfterMs });
  for (const wrong of [999, 0, -1, NaN]) {
    await assertRejects(starting(wrong), RangeError, `killBlockedAfterMs is ${wrong}, expected`);
  }
});

Deno.test("a worker that does not start is an error that says why, and none runs", async () => {
  await using node = createNode({ name: "main@host" });
  const data = (index: number) => ({ fails: index === 2 });
  const error = await assertRejects(
    () => startWorkers(MODULE, { count: 2, node, data }),
    WorkerStartError,
    "worker 2 does not like it",
  );
  assertEquals(error.code, undefined);
});
