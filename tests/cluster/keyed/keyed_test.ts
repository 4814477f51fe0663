import { CallUnknownError, isDown, keyed, type Process } from "../../../src/actor/mod.ts";
import { ClusterError } from "../../../src/cluster/mod.ts";
import { inProcess } from "../../actor/stage.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "../../helpers/assert.ts";
import { assertThrows } from "../../helpers/assert.ts";
import { startCuttingProxy } from "../../helpers/cutting_proxy.ts";
import { NatsServer } from "../../helpers/nats_server.ts";
import { testWith } from "../../helpers/needs.ts";
import { eventually, join, type Joined, meet, NATS, withBroker } from "../stage.ts";

const KEYS = Array.from({ length: 30 }, (_, key) => `counter/${key}`);

/** Told when a counter begins to wait. */
let begun: PromiseWithResolvers<void> | undefined;

/** Counts what it is sent, and goes on counting where it moves to. */
async function counter(self: Process): Promise<void> {
  let count = self.handover as number ?? 0;
  self.onHandover(() => count);
  for await (const { message, reply } of self) {
    count++;
    const { waitMs } = message as { readonly waitMs?: number };
    if (waitMs !== undefined) begun?.resolve();
    if (waitMs !== undefined) await new Promise((resolve) => setTimeout(resolve, waitMs));
    reply?.([self.node, count, self.env.fence]);
  }
}

type Answer = readonly [node: string, count: number, fence: number];

async function ask({ node }: Joined, name: string, message: object = {}): Promise<Answer> {
  return await node.call(name, message) as Answer;
}

/** Where the processes of the keys are; each counts the question. */
async function homesOf(asker: Joined): Promise<Map<string, Answer>> {
  return new Map(
    await Promise.all(KEYS.map(async (key) => [key, await ask(asker, key)] as const)),
  );
}

/** Nodes that have met, of which the first ones have counters. */
async function openNodes(url: string, names: readonly string[], offering = names.length) {
  const stack = new AsyncDisposableStack();
  const nodes: Joined[] = [];
  for (const name of names) nodes.push(stack.use(await join(name, url)));
  await Promise.all(nodes.flatMap((one, i) => nodes.slice(0, i).map((other) => meet(one, other))));
  for (const { cluster } of nodes.slice(0, offering)) cluster.spawnKeyed(keyed("counter", counter));
  return { nodes, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Until shards have come to rest where they belong: each node has its share. */
async function settle(asker: Joined, names: readonly string[]): Promise<void> {
  let before = "";
  await eventually("shards are at rest", async () => {
    // Before anybody has a shard the name is known to nobody else.
    const found = await homesOf(asker).catch(() => new Map<string, Answer>());
    const homes = [...found].map(([, [home]]) => home);
    const isSame = homes.join() === before;
    before = homes.join();
    if (isSame && names.every((name) => homes.includes(name))) return true;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return false;
  });
}

testWith(NATS, "the process of a key is one, on one node, from everywhere", async (executable) => {
  await using broker = await withBroker(executable);
  const names = ["one@host", "two@host", "guest@host"];
  await using open = await openNodes(broker.url, names, 2);
  const [one, two, guest] = open.nodes as [Joined, Joined, Joined];
  await settle(guest, ["one@host", "two@host"]);
  for (const key of KEYS) {
    const [home, count, fence] = await ask(one, key);
    assertEquals(await ask(two, key), [home, count + 1, fence]);
    assertEquals(await ask(guest, key), [home, count + 2, fence]);
    const fences = [one, two, guest].map(({ cluster }) => cluster.fenceOf(key));
    assertEquals(fences, open.nodes.map(({ node }) => node.name === home ? fence : undefined));
  }
  assertEquals(one.node.send("other/1", 1), "unknown");
  assertEquals(guest.node.send("counter/", 1), "unknown");
});

testWith(
  NATS,
  "a node that joins takes its share, with what processes have",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using open = await openNodes(broker.url, ["one@host", "two@host", "three@host"], 2);
    const [one, two, three] = open.nodes as [Joined, Joined, Joined];
    await settle(one, ["one@host", "two@host"]);
    const before = await homesOf(one);
    three.cluster.spawnKeyed(keyed("counter", counter));
    await settle(two, ["one@host", "two@host", "three@host"]);
    const after = await homesOf(three);
    let moved = 0;
    for (const [key, [home, , fence]] of before) {
      const [next, , nextFence] = after.get(key)!;
      if (next === home) assertEquals(nextFence, fence);
      else {
        moved++;
        assertEquals(next, "three@host");
        assertGreater(nextFence, fence);
      }
    }
    assertGreater(moved, 2);
    assertLess(moved, 20);
    // Each has counted each question, wherever it was.
    const counts = new Set([...after].map(([key, [, count]]) => count - before.get(key)![1]));
    assertEquals(counts.size, 1);
  },
);

testWith(
  NATS,
  "a call that waits while its shard moves is answered by whom it was made to",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using open = await openNodes(broker.url, ["one@host", "two@host", "guest@host"], 2);
    const [one, two, guest] = open.nodes as [Joined, Joined, Joined];
    await settle(guest, ["one@host", "two@host"]);
    const key = [...await homesOf(guest)].find(([, [home]]) => home === "one@host")![0];
    const [, count] = await ask(guest, key);
    begun = Promise.withResolvers();
    const slow = ask(guest, key, { waitMs: 1_000 });
    const behind = ask(guest, key);
    await begun.promise;
    const leaving = one.cluster.leave();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const late = [guest, two, one].map((each) => ask(each, key));
    assertEquals((await slow).slice(0, 2), ["one@host", count + 1]);
    assertEquals((await behind).slice(0, 2), ["one@host", count + 2]);
    const answers = await Promise.all(late);
    assertEquals(answers.map(([home]) => home), ["two@host", "two@host", "two@host"]);
    assertEquals(answers.map(([, each]) => each).toSorted(), [3, 4, 5].map((each) => count + each));
    await leaving;
  },
);

testWith(NATS, "who watches a process by its name is told that it moved", async (executable) => {
  await using broker = await withBroker(executable);
  await using open = await openNodes(broker.url, ["one@host", "two@host"]);
  const [one, two] = open.nodes as [Joined, Joined];
  await settle(two, ["one@host", "two@host"]);
  const key = [...await homesOf(two)].find(([, [home]]) => home === "one@host")![0];
  const watching = Promise.withResolvers<void>();
  const down = inProcess(two.node, async (self) => {
    self.monitor(key);
    // What is watched is so when what was sent after it is answered.
    await self.call(key, {});
    watching.resolve();
    for await (const envelope of self) if (isDown(envelope)) return envelope.message;
    throw new Error("nobody told");
  });
  await watching.promise;
  await one.cluster.leave();
  const { reason, target } = await down;
  assertEquals([reason, target], ["moved", key]);
});

testWith(
  NATS,
  "who looks at a process that is not there starts nobody, wherever",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using open = await openNodes(broker.url, ["one@host", "two@host"]);
    const [one, two] = open.nodes as [Joined, Joined];
    await settle(two, ["one@host", "two@host"]);
    for (const { node } of [one, two]) {
      for (const key of KEYS.slice(0, 6).map((each) => `${each}-none`)) {
        const reason = await inProcess(node, async (self) => {
          self.monitor(key);
          for await (const envelope of self) if (isDown(envelope)) return envelope.message.reason;
          throw new Error("nobody told");
        });
        assertEquals(reason, "unknown");
        await assertRejects(() => node.inspect(key), CallUnknownError);
      }
      // One that is there is looked at from both.
      assertEquals((await node.inspect("counter/1"))["name"], "counter/1");
    }
    const found = [one, two].map(({ node }) => node.whereis("counter/1-none"));
    assertEquals(found, [undefined, undefined]);
  },
);

testWith(NATS, "a broker that is away for a while moves nothing", async (executable) => {
  await using stack = new AsyncDisposableStack();
  const storeDirectory = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(storeDirectory, { recursive: true }));
  const first = await NatsServer.start({ executable, storeDirectory });
  const { port, url } = first;
  const open = await openNodes(url, ["one@host", "two@host"]);
  const [one, two] = open.nodes as [Joined, Joined];
  await settle(two, ["one@host", "two@host"]);
  const before = await homesOf(one);
  await first[Symbol.asyncDispose]();
  const troubles = () => [one, two].map(({ cluster }) => cluster.trouble);
  await eventually("they know", () => !troubles().includes(undefined));
  const away = KEYS.map((key) => [one, two].map(({ node }) => node.send(key, {})).toSorted());
  assertEquals(new Set(away.map(String)), new Set(["accepted,unreachable"]));
  stack.use(await NatsServer.start({ executable, storeDirectory, port }));
  stack.use(open);
  await eventually("they are back", () => troubles().every((trouble) => trouble === undefined));
  await eventually("they answer", () => homesOf(one).then(() => true, () => false));
  await eventually("so does the other", () => homesOf(two).then(() => true, () => false));
  for (const [key, [home, count, fence]] of await homesOf(two)) {
    const [homeBefore, countBefore, fenceBefore] = before.get(key)!;
    assertEquals([home, fence], [homeBefore, fenceBefore]);
    assertGreater(count, countBefore);
  }
});

testWith(
  NATS,
  "a state of 1 MiB is handed over, a larger one is lost alone",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using one = await join("one@host", broker.url);
    await using two = await join("two@host", broker.url);
    await meet(one, two);
    const run = keyed("big", async (self) => {
      const size = Number(self.key);
      self.onHandover(() => new Uint8Array(size));
      for await (const { reply } of self) reply?.((self.handover as Uint8Array)?.length ?? -1);
    });
    one.cluster.spawnKeyed(run);
    const sizes = [1, 40_000, 1_048_000, 1_049_000];
    for (const size of sizes) assertEquals(await one.node.call(`big/${size}`, 0), -1);
    two.cluster.spawnKeyed(run);
    await eventually(
      "two takes some",
      () =>
        sizes.every((size) =>
          one.cluster.fenceOf(`big/${size}`) !== two.cluster.fenceOf(`big/${size}`)
        ),
    );
    await one.cluster.leave();
    const found = [];
    for (const size of sizes) {
      found.push(await two.node.call(`big/${size}`, 0));
    }
    assertEquals(found, [1, 40_000, 1_048_000, -1]);
  },
);

testWith(
  NATS,
  "what cannot be started here any more is left to other nodes",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using open = await openNodes(broker.url, ["one@host", "two@host"]);
    const [one, two] = open.nodes as [Joined, Joined];
    await settle(two, ["one@host", "two@host"]);
    // More often than its supervisor starts it again.
    await eventually("one gives up", async () => {
      const pid = one.node.whereis("counter");
      if (pid !== undefined) await one.node.exit(pid, "kill");
      return KEYS.every((key) => one.cluster.fenceOf(key) === undefined);
    });
    await settle(one, ["two@host"]);
    const homes = [...await homesOf(one)].map(([, [home]]) => home);
    assertEquals(new Set(homes), new Set(["two@host"]));
  },
);

for (const whenIsolated of ["stop", "keep"] as const) {
  testWith(
    NATS,
    `an isolated node ${whenIsolated === "stop" ? "ends" : "keeps"} its keyed processes`,
    async (executable) => {
      await using broker = await withBroker(executable);
      await using proxy = startCuttingProxy(Number(new URL(broker.url).port));
      const options = { leaseMs: 3_000, whenIsolated };
      await using cut = await join("cut@host", `nats://127.0.0.1:${proxy.port}`, options);
      cut.cluster.spawnKeyed(keyed("counter", counter));
      const [home, , fence] = await ask(cut, "counter/x");
      assertEquals(home, "cut@host");
      proxy.cut();
      await eventually("it is isolated", () =>
        cut.cluster.trouble?.includes("isolated") === true ||
        cut.cluster.fenceOf("counter/x") === undefined);
      await eventually(
        "that is acted on",
        () => (cut.node.whereis("counter/x") !== undefined) === (whenIsolated === "keep"),
      );
      if (whenIsolated === "keep") {
        assertEquals(await ask(cut, "counter/x"), ["cut@host", 2, fence]);
      } else assertEquals(cut.node.send("counter/x", {}), "unreachable");
      proxy.mend();
      await eventually(
        "it has it again",
        async () =>
          (await ask(cut, "counter/x").catch(() => ["", 0, 0]))[0] === "cut@host" &&
          cut.cluster.fenceOf("counter/x") !== undefined,
      );
      const [, count, next] = await ask(cut, "counter/x");
      if (whenIsolated === "stop") assertGreater(next, fence);
      else assertGreater(count, 2);
    },
  );
}

testWith(NATS, "spawnKeyed() refuses what it cannot place by name", async (executable) => {
  await using broker = await withBroker(executable);
  await using one = await join("one@host", broker.url);
  const { cluster } = one;
  assertThrows(() => cluster.spawnKeyed(counter), TypeError, "expected what keyed() gives");
  assertThrows(
    () => cluster.spawnKeyed(keyed("each", counter, { perConnection: true })),
    TypeError,
    "they are one for each connection",
  );
  cluster.spawnKeyed(keyed("counter", counter));
  assertThrows(
    () => cluster.spawnKeyed(keyed("counter", counter)),
    TypeError,
    "it was made so before",
  );
  await using plain = await NatsServer.start({ executable });
  await using two = await join("two@host", plain.url);
  const error = await assertRejects(
    () => Promise.try(() => two.cluster.spawnKeyed(keyed("counter", counter))),
    ClusterError,
  );
  assert(error.code === "no_jetstream");
});
