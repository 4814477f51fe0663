import { keyed, type Process } from "../../../src/actor/mod.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";
import { startNatsCluster } from "../../helpers/nats_cluster.ts";
import { testWith } from "../../helpers/needs.ts";
import { eventually, join, type Joined, NATS } from "../stage.ts";

const KEYS = Array.from({ length: 20 }, (_, key) => `counter/${key}`);

async function counter(self: Process): Promise<void> {
  let count = self.handover as number ?? 0;
  self.onHandover(() => count);
  for await (const { reply } of self) reply?.([self.node, ++count]);
}

async function askAll({ node }: Joined): Promise<[home: string, count: number][]> {
  return await Promise.all(KEYS.map(async (key) => await node.call(key, 0) as [string, number]));
}

testWith(
  NATS,
  "a node that leaves while the brokers choose a leader hands over all that it has",
  async (executable) => {
    await using brokers = await startNatsCluster(executable);
    await using stack = new AsyncDisposableStack();
    const nodes: Joined[] = [];
    for (const name of ["one@host", "two@host"]) {
      const joined = stack.use(await join(name, "", { nats: { servers: brokers.urls } }));
      joined.cluster.spawnKeyed(keyed("counter", counter));
      nodes.push(joined);
    }
    const [one, two] = nodes as [Joined, Joined];
    await eventually("each has some", async () => {
      const homes = (await askAll(one).catch(() => [])).map(([home]) => home);
      return homes.includes("one@host") && homes.includes("two@host");
    });
    const before = await askAll(one);
    assert(before.some(([home]) => home === "two@host"));
    await brokers.killLeaderOf("KV_troupe_test");
    await two.cluster.leave();
    // The watch of the one that stays may have been with the broker that is gone.
    let after: [home: string, count: number][] = [];
    const isAnswered = async () => (after = await askAll(one).catch(() => [])).length > 0;
    await eventually("all answer", isAnswered, 30_000);
    assertEquals(new Set(after.map(([home]) => home)), new Set(["one@host"]));
    assert(after.every(([, count], i) => count > before[i]![1]));
  },
);
