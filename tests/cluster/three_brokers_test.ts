import { configureLogs } from "../../src/telemetry/mod.ts";
import { idle } from "../actor/stage.ts";
import { assert, assertEquals, assertGreater } from "../helpers/assert.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { startNatsCluster } from "../helpers/nats_cluster.ts";
import { testWith } from "../helpers/needs.ts";
import { eventually, join, type Joined, meet, NATS } from "./stage.ts";

testWith(
  NATS,
  "when the leader of three brokers is killed under load, nothing is doubled and nobody isolated",
  async (executable) => {
    const capture = new LogCapture();
    await using _logs = configureLogs({ level: "info", format: "json", write: capture.write });
    await using brokers = await startNatsCluster(executable);
    await using stack = new AsyncDisposableStack();
    const nodes: Joined[] = [];
    for (const [index, name] of ["one@host", "two@host", "three@host"].entries()) {
      // Each begins with another of them.
      const servers = [...brokers.urls.slice(index), ...brokers.urls.slice(0, index)];
      nodes.push(stack.use(await join(name, "", { nats: { servers } })));
    }
    const [one, two, three] = nodes as [Joined, Joined, Joined];
    await Promise.all([meet(one, two), meet(one, three), meet(two, three)]);
    const starts: string[] = [];
    for (const { node, cluster } of nodes) {
      cluster.spawnGlobal("clock", async (self) => {
        starts.push(`${node.name} ${self.env.fence}`);
        await idle(self);
      });
    }
    await eventually(
      "the clock runs",
      () => nodes.every(({ node }) => node.whereis("clock") !== undefined),
    );
    const doubled: unknown[] = [];
    let received = 0;
    for (const { node } of nodes) {
      const own = new Set<unknown>();
      node.spawn(async (self) => {
        for await (const { message } of self) {
          received++;
          if (own.has(message)) doubled.push(message);
          own.add(message);
        }
      }, { name: "sink" });
    }
    let accepted = 0;
    let count = 0;
    const send = () => {
      for (const { node } of nodes) {
        for (const to of nodes) {
          if (to.node === node) continue;
          const target = { name: "sink", node: to.node.name };
          if (node.send(target, `${node.name} ${count++}`) === "accepted") accepted++;
        }
      }
    };
    const sending = setInterval(send, 2);
    try {
      await eventually("it is under load", () => received > 500);
      await brokers.killLeaderOf("KV_troupe_test");
      // It is written again once there is another leader.
      const pid = one.node.spawn(idle);
      await one.cluster.register("after", pid);
      await eventually(
        "all know it",
        () => nodes.every(({ node }) => node.whereis("after") === pid),
        20_000,
      );
    } finally {
      clearInterval(sending);
    }
    await eventually(
      "all are up",
      () =>
        nodes.every(({ cluster }) =>
          cluster.trouble === undefined && cluster.peers.every(({ state }) => state === "up")
        ),
    );
    for (const from of nodes) {
      for (const to of nodes) {
        if (from !== to) await from.node.inspect({ name: "sink", node: to.node.name });
      }
    }
    const lost = nodes.flatMap(({ cluster }) => cluster.peers).reduce(
      (sum, { link }) => sum + link.lost,
      0,
    );
    assertGreater(accepted, 1_000);
    assert(received + lost >= accepted, `${accepted} accepted, ${received} received, ${lost} lost`);
    assert(received <= accepted);
    assertEquals([starts.length, doubled], [1, []]);
    assertEquals(
      capture.lines.filter(({ message }) => /isolated|is down/.test(String(message))),
      [],
    );
  },
);
