import { createNode, isDown, type Node } from "../../src/actor/mod.ts";
import {
  startWorkers,
  type Workers,
  type WorkersOptions,
  WorkerStartError,
} from "../../src/workers/mod.ts";
import { openMachine } from "../../src/cluster/mod.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";
import { inProcess } from "../actor/stage.ts";
import { eventually } from "../cluster/stage.ts";
import { assertEquals, assertRejects } from "../helpers/assert.ts";
import { LogCapture } from "../helpers/log_capture.ts";

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
      await workers[Symbol.asyncDispose]();
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

Deno.test("a worker that is blocked for longer than a node may be silent is told of, and misses nothing", async () => {
  const capture = new LogCapture();
  await using _logs = configureLogs({ level: "warning", format: "json", write: capture.write });
  await using stage = await open();
  const { node, workers } = stage;
  let ended = false;
  const watching = Promise.withResolvers<void>();
  node.spawn(async (self) => {
    const { id } = await self.inspect(echo(1));
    self.monitor(id as never);
    watching.resolve();
    for await (const envelope of self) ended ||= isDown(envelope);
  });
  await watching.promise;
  node.send(echo(1), "block");
  const late = node.call(echo(1), "late", { timeoutMs: 120_000 });
  await capture.find("Worker 1 is blocked: it has not paused for");
  assertEquals(await node.call(echo(2), "hi"), "2 hi");
  assertEquals([await late, ended, workers.ready], ["1 late", false, [1, 2]]);
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

/** Where the process of a key is, as one of the workers that may have it tells, and its fence. */
async function placeOf(node: Node, index: number): Promise<readonly [home: string, fence: number]> {
  const answer = String(await node.call(echo(index), "key", { timeoutMs: 1_000 }).catch(String));
  const [home = "", fence] = answer.split(" ");
  return [home, Number(fence)];
}

async function withMachine(more: Partial<WorkersOptions> = {}) {
  await using stack = new AsyncDisposableStack();
  const machine = stack.use(await openMachine({ name: "main@host" }));
  const stage = stack.use(await open(2, { machine, ...more }));
  const all = stack.move();
  let home = "";
  let fence = NaN;
  // Shards may still be on their way.
  await eventually("both know one place", async () => {
    [home, fence] = await placeOf(stage.node, 1);
    return home !== "" && home === (await placeOf(stage.node, 2))[0];
  }, 60_000);
  return {
    ...stage,
    home: Number(/\d/.exec(home)![0]),
    fence,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

Deno.test("without a broker the keys of a worker that ends are those of another one", async () => {
  await using stage = await withMachine();
  const { node, workers, home, fence } = stage;
  const other = 3 - home;
  node.send(echo(home), "exit");
  let place: readonly [string, number] = ["", NaN];
  await eventually("it is placed again", async () => {
    place = await placeOf(node, other);
    return place[1] > fence;
  }, 60_000);
  await answers(node, workers, home);
  await eventually("the next start is a member again", async () => {
    const [there] = await placeOf(node, home);
    return there.startsWith("main/") && there === (await placeOf(node, other))[0];
  }, 60_000);
});

Deno.test("without a broker nobody has the keys of a thread that computes on after it was ended", async () => {
  const stuck = Promise.withResolvers<number>();
  await using stage = await withMachine({ killBlockedAfterMs: 1_000, stuck: stuck.resolve });
  const { node, workers, home, fence } = stage;
  node.send(echo(home), "loop");
  const startedMs = performance.now();
  await stuck.promise;
  const [, early] = await placeOf(node, 3 - home);
  // Four seconds from when it began: not before this was asked, if it computes still.
  if (performance.now() - startedMs < 4_000) assertEquals(early > fence, false);
  await eventually("it is placed again", async () => {
    const [, late] = await placeOf(node, 3 - home);
    return late > fence;
  }, 60_000);
  // The next start of the worker waited for that, and is a member, too.
  await answers(node, workers, home);
  await eventually("both know one place", async () => {
    const [there] = await placeOf(node, home);
    return there.startsWith("main/") && there === (await placeOf(node, 3 - home))[0];
  }, 60_000);
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
