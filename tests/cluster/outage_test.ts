import { connect } from "../../src/cluster/nats/socket_transport.ts";
import { Subjects } from "../../src/cluster/nats/subjects.ts";
import { idle } from "../actor/stage.ts";
import { assert, assertEquals, assertGreater } from "../helpers/assert.ts";
import { startCuttingProxy } from "../helpers/cutting_proxy.ts";
import { testWith } from "../helpers/needs.ts";
import { eventually, join, type Joined, meet, NATS, withBroker } from "./stage.ts";

const LEASE_MS = 3_000;

/** Nodes that each reach one broker through a network of their own, which may be cut. */
async function openBehindProxies(executable: string, names: readonly string[], config = "") {
  const stack = new AsyncDisposableStack();
  const { broker, url } = stack.use(await withBroker(executable, config));
  const nodes: (Joined & { readonly proxy: ReturnType<typeof startCuttingProxy> })[] = [];
  for (const name of names) {
    const proxy = stack.use(startCuttingProxy(Number(new URL(url).port)));
    const servers = `nats://127.0.0.1:${proxy.port}`;
    nodes.push({ ...stack.use(await join(name, servers, { leaseMs: LEASE_MS })), proxy });
  }
  for (const one of nodes) for (const other of nodes) if (one !== other) await meet(one, other);
  return { nodes, broker, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Sends numbers from one node to another, all the while; counts what came of them. */
function startLoad(from: Joined, to: Joined) {
  const doubled: unknown[] = [];
  const seen = new Set<unknown>();
  let accepted = 0;
  let count = 0;
  const sink = to.node.spawn(async (self) => {
    for await (const { message } of self) {
      if (seen.has(message)) doubled.push(message);
      seen.add(message);
    }
  });
  const timer = setInterval(() => {
    if (from.node.send(sink, count++) === "accepted") accepted++;
  }, 2);
  return {
    get received() {
      return seen.size;
    },
    /** Stops; resolves when each that was accepted has arrived or is counted as lost. */
    async settle(): Promise<void> {
      clearInterval(timer);
      const lost = () =>
        from.cluster.peers.find(({ name }) => name === to.node.name)!.link.lost +
        to.cluster.peers.find(({ name }) => name === from.node.name)!.link.lost;
      await eventually("all is accounted for", () => seen.size + lost() >= accepted);
      assert(seen.size <= accepted, `${seen.size} of ${accepted} arrived`);
      assertEquals(doubled, []);
    },
  };
}

testWith(
  NATS,
  "a node that hears and is not heard comes back by itself; all is received or counted, once",
  async (executable) => {
    await using stage = await openBehindProxies(executable, ["one@host", "two@host"]);
    const [one, two] = stage.nodes as [typeof stage.nodes[0], typeof stage.nodes[0]];
    const loads = [startLoad(one, two), startLoad(two, one)];
    await eventually("it is under load", () => loads.every(({ received }) => received > 50));
    one.proxy.mute();
    await eventually(
      "it is out of reach",
      () => two.node.send({ name: "x", node: "one@host" }, 1) === "unreachable",
    );
    await eventually(
      "both are up again",
      () =>
        stage.nodes.every(({ cluster }) =>
          cluster.trouble === undefined && cluster.peers[0]?.state === "up"
        ),
    );
    const before = loads.map(({ received }) => received);
    await eventually(
      "messages pass",
      () => loads.every(({ received }, i) => received > before[i]!),
    );
    for (const load of loads) await load.settle();
  },
);

testWith(
  NATS,
  "a node that the broker drops as a slow consumer comes back; all is received or counted, once",
  async (executable) => {
    const config = "max_payload: 524288\nmax_pending: 524288";
    await using stage = await openBehindProxies(executable, ["one@host", "two@host"], config);
    const [one, two] = stage.nodes as [typeof stage.nodes[0], typeof stage.nodes[0]];
    const load = startLoad(one, two);
    await eventually("it is under load", () => load.received > 50);
    const release = two.proxy.hold();
    const stranger = await connect({ servers: stage.broker.url.slice("nats://".length) });
    const subject = new Subjects("test").link(two.node, { name: "who@host", incarnation: "0" });
    const slow = stage.broker.logged("Slow Consumer");
    let isSlow = false;
    void slow.then(() => isSlow = true);
    const junk = new Uint8Array(500_000);
    for (let count = 0; count < 200 && !isSlow; count++) {
      stranger.publish(subject, junk);
      await stranger.flush();
    }
    await slow;
    await stranger.close();
    release();
    const before = load.received;
    await eventually("messages pass again", () => load.received > before);
    await eventually(
      "both are up",
      () => stage.nodes.every(({ cluster }) => cluster.peers[0]?.state === "up"),
    );
    await load.settle();
  },
);

testWith(
  NATS,
  "a broker that is away for two leases is no reason to take over: who owned it owns it again",
  async (executable) => {
    await using stage = await openBehindProxies(executable, ["one@host", "two@host", "three@host"]);
    const { nodes } = stage;
    const starts: { readonly name: string; readonly fence: number }[] = [];
    for (const { node, cluster } of nodes) {
      cluster.spawnGlobal("clock", async (self) => {
        starts.push({ name: node.name, fence: self.env.fence as number });
        await idle(self);
      });
    }
    const isKnown = () => nodes.every(({ node }) => node.whereis("clock") !== undefined);
    await eventually("the clock is known", isKnown);
    const load = startLoad(nodes[0]!, nodes[1]!);
    await eventually("it is under load", () => load.received > 50);
    for (const { proxy } of nodes) proxy.cut();
    await eventually(
      "all say so",
      () => nodes.every(({ cluster }) => cluster.trouble !== undefined),
    );
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    assertEquals(nodes.filter(({ cluster }) => cluster.fenceOf("clock") !== undefined), []);
    for (const { proxy } of nodes) proxy.mend();
    await eventually("it runs again", () => starts.length > 1 && isKnown());
    await eventually(
      "all are well",
      () =>
        nodes.every(({ cluster }) =>
          cluster.trouble === undefined && cluster.peers.every(({ state }) => state === "up")
        ),
    );
    assertEquals(new Set(starts.map(({ name }) => name)).size, 1);
    assertGreater(starts[1]!.fence, starts[0]!.fence);
    const before = load.received;
    await eventually("messages pass", () => load.received > before);
    await load.settle();
  },
);
