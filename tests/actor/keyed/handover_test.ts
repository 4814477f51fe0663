import {
  isDown,
  keyed,
  type KeyedProcesses,
  type Node,
  placeKeyed,
  type Placement,
  type PlacementHost,
  type Process,
} from "../../../src/actor/mod.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";
import { createStage, inProcess } from "../stage.ts";

const SHARDS = 2;

/** Keys of digits are in shard 0 or 1, by whether they are odd; all are here. */
function place(node: Node): PlacementHost {
  const host: PlacementHost = placeKeyed(
    node,
    {
      find: (group, key) => host.group(group)?.locate(key),
      seat: () => undefined,
      seatOf: () => undefined,
      placed: () => undefined,
      arrive: () => undefined,
      placesOf: () => ({
        shardOf: (key) => Number(key) % SHARDS,
        envOf: (env, shard) => ({ ...env, fence: 100 + shard }),
      }),
      attached: () => {},
      detached: () => {},
      repeat: () => {},
    } satisfies Placement,
  );
  return host;
}

/** Counts what it is told, and acts on some of it. */
async function counter(self: Process): Promise<void> {
  let count = self.handover as number ?? 0;
  self.onHandover(() => self.key === "9" ? () => {} : count);
  for await (const { message, reply } of self) {
    count++;
    if (message === "fail") throw new Error("as asked");
    if (message === "hang") await new Promise(() => {});
    reply?.([count, self.env]);
  }
}

async function open() {
  const { node, clock } = createStage();
  const host = place(node);
  node.spawn(keyed("counter", counter, { env: { a: 1 } }));
  await node.call("counter/0", "hello");
  const group = host.group("counter") as KeyedProcesses;
  return { node, clock, group, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() };
}

Deno.test("placed processes have what is said of their shard in env", async () => {
  await using stage = await open();
  assertEquals(await stage.node.call("counter/3", 0), [1, { a: 1, fence: 101 }]);
});

Deno.test("handOver() ends those of a shard when they have handled what they had, with their states", async () => {
  await using stage = await open();
  const { node, group } = stage;
  for (const key of [1, 2, 4]) node.send(`counter/${key}`, 0);
  const answer = node.call("counter/2", "last");
  const states = await group.handOver(0, 1_000);
  assertEquals(states.toSorted((a, b) => Number(a.key) - Number(b.key)), [
    { key: "0", state: 1 },
    { key: "2", state: 2 },
    { key: "4", state: 1 },
  ]);
  assertEquals((await answer as unknown[])[0], 2);
  assertEquals([group.peek("2"), typeof group.peek("1")], [undefined, "object"]);
});

Deno.test("adopt() starts one with what was handed over", async () => {
  await using stage = await open();
  await stage.group.handOver(0, 1_000);
  assert(typeof stage.group.adopt("0", 41) !== "string");
  assertEquals((await stage.node.call("counter/0", 0) as unknown[])[0], 42);
});

Deno.test("handOver() takes nothing from one that failed, hangs, or gives what is no plain data", async () => {
  await using stage = await open();
  const { node, clock, group } = stage;
  node.send("counter/1", "fail");
  node.send("counter/3", "hang");
  node.send("counter/5", 0);
  node.send("counter/9", 0);
  const moving = group.handOver(1, 1_000);
  await clock.advance(1_000);
  assertEquals(await moving, [{ key: "5", state: 1 }]);
});

Deno.test("end() ends those of a shard at once", async () => {
  await using stage = await open();
  stage.node.send("counter/1", "hang");
  stage.group.end(1);
  assertEquals([stage.group.peek("1"), typeof stage.group.peek("0")], [undefined, "object"]);
});

Deno.test("whoever watches one that moves is told so", async () => {
  await using stage = await open();
  const { node, group } = stage;
  const reason = await inProcess(node, async (self) => {
    self.monitor("counter/0");
    await group.handOver(0, 1_000);
    for await (const envelope of self) if (isDown(envelope)) return envelope.message.reason;
    throw new Error("nobody told");
  });
  assertEquals(reason, "moved");
});
