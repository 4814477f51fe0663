import { CallError, createNode, NameTakenError, type Pid } from "../../src/actor/mod.ts";
import { ClusterError, joinCluster } from "../../src/cluster/mod.ts";
import { idle, inProcess } from "../actor/stage.ts";
import {
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "../helpers/assert.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { NatsServer } from "../helpers/nats_server.ts";
import { testWith } from "../helpers/needs.ts";
import { eventually, join, meet, NATS, openPair, withBroker } from "./stage.ts";

/** Whether an address is one of a node. */
function isOn(node: string, pid: Pid | undefined): boolean {
  return pid?.startsWith(`<${node}/`) === true;
}

testWith(
  NATS,
  "a global name is known on every node, and vanishes with its process",
  async (executable) => {
    await using pair = await openPair(executable);
    const [, there] = pair.clusters;
    const pid = pair.there.spawn(async (self) => {
      for await (const { reply } of self) reply?.("from there");
    });
    await there.register("board", pid);
    await eventually("it", () => pair.here.whereis("board") === pid);
    assertEquals(await pair.here.call("board", "who"), "from there");
    const other = pair.here.spawn(idle);
    await assertRejects(() => pair.clusters[0].register("board", other), NameTakenError, "board");
    assertEquals(await pair.here.call("board", "who"), "from there");
    await pair.there.exit(pid);
    await eventually("it", () => pair.here.whereis("board") === undefined);
    await pair.clusters[0].register("board", other);
    await eventually("it", () => pair.there.whereis("board") === other);
  },
);

testWith(
  NATS,
  "a global process runs on one node, and is handed over by one that leaves",
  async (executable) => {
    await using pair = await openPair(executable);
    const running: string[] = [];
    for (const [index, cluster] of pair.clusters.entries()) {
      cluster.spawnGlobal("clock", async (self) => {
        running.push(`${index} ${self.env.fence}`);
        await idle(self);
        running.push(`${index} ended`);
      });
    }
    await eventually(
      "it",
      () => pair.here.whereis("clock") !== undefined && pair.there.whereis("clock") !== undefined,
    );
    assertEquals(running.length, 1);
    const owner = Number(running[0]![0]);
    await pair.clusters[owner]!.leave();
    await eventually("it", () => running.length === 3);
    assertEquals(running[1], `${owner} ended`);
    const [first, second] = [running[0]!, running[2]!].map((line) => line.split(" ").map(Number));
    assertEquals([second![0], second![1]! > first![1]!], [1 - owner, true]);
  },
);

testWith(
  NATS,
  "a call that waits while its name is taken over fails at once, and the next finds the successor",
  async (executable) => {
    await using pair = await openPair(executable);
    const nodes = [pair.here, pair.there];
    const asked = Promise.withResolvers<void>();
    for (const [index, cluster] of pair.clusters.entries()) {
      cluster.spawnGlobal("board", async (self) => {
        for await (const { message, reply } of self) {
          if (message === "wait") asked.resolve();
          else reply?.(nodes[index]!.name);
        }
      });
    }
    const isKnown = () => nodes.every((node) => node.whereis("board") !== undefined);
    await eventually("it is known", isKnown);
    const owner = nodes.findIndex(({ name }) => isOn(name, pair.here.whereis("board")));
    const [from, to] = [nodes[1 - owner]!, nodes[owner]!];
    const calling = assertRejects(
      () => from.call("board", "wait", { timeoutMs: 60_000 }),
      CallError,
    );
    await asked.promise;
    await pair.clusters[owner]!.leave();
    await calling;
    await eventually("another has it", () => isOn(from.name, from.whereis("board")));
    assertEquals(await from.call("board", "who"), from.name);
    // Nobody tells a node that has left.
    assertEquals(to.whereis("board"), undefined);
  },
);

testWith(
  NATS,
  "a global process that gives up on one node is left to another, which runs it",
  async (executable) => {
    const capture = new LogCapture();
    await using _logs = configureLogs({ level: "error", format: "json", write: capture.write });
    await using pair = await openPair(executable);
    const fences: Record<string, number[]> = { "here@host": [], "there@host": [] };
    let first: string | undefined;
    for (const [index, node] of [pair.here, pair.there].entries()) {
      pair.clusters[index]!.spawnGlobal("clock", async (self) => {
        first ??= node.name;
        fences[node.name]!.push(self.env.fence as number);
        if (node.name === first) throw new Error("on purpose");
        for await (const { reply } of self) reply?.(node.name);
      });
    }
    const other = () => first === "here@host" ? "there@host" : "here@host";
    await eventually(
      "the other has it",
      () =>
        first !== undefined &&
        [pair.here, pair.there].every((node) => isOn(other(), node.whereis("clock"))),
    );
    assertEquals(await pair.here.call("clock", "who"), other());
    assertEquals(new Set(fences[first!]).size, 1);
    assertGreater(fences[other()]![0]!, fences[first!]![0]!);
    assertEquals((await capture.find("Global clock has given up here")).level, "error");
  },
);

testWith(
  NATS,
  "a second node of a name is refused, and told since when the first one lives",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using _first = await join("one@host", broker.url);
    await using node = createNode({ name: "one@host" });
    const joining = () => joinCluster(node, { name: "test", nats: { servers: broker.url } });
    const error = await assertRejects(joining, ClusterError, "Cannot join the cluster as one@host");
    assertEquals(error.code, "node_name_taken");
    assertStringIncludes(error.message, `since ${new Date().toISOString().slice(0, 11)}`);
  },
);

testWith(
  NATS,
  "a broker that refuses, or has no JetStream where that is required, is told at once",
  async (executable) => {
    await using broker = await NatsServer.start({ executable, args: ["--auth", "right"] });
    await using node = createNode({ name: "one@host" });
    const nats = { servers: broker.url };
    const wrong = await assertRejects(
      () => joinCluster(node, { name: "test", nats: { ...nats, token: "wrong" } }),
      ClusterError,
    );
    assertEquals(wrong.code, "broker_refused");
    const without = { name: "test", nats: { ...nats, token: "right" } };
    const required = { ...without, requireJetStream: true };
    const error = await assertRejects(() => joinCluster(node, required), ClusterError);
    assertEquals(error.code, "no_jetstream");
    await using cluster = await joinCluster(node, without);
    assertEquals(cluster.trouble, undefined);
    const registering = () => cluster.register("board", node.spawn(idle));
    assertEquals((await assertRejects(registering, ClusterError)).code, "no_jetstream");
  },
);

testWith(
  NATS,
  "without a broker a node works alone, and joins when there is one",
  async (executable) => {
    const storeDirectory = await Deno.makeTempDir();
    try {
      const { port } = await (async () => {
        await using broker = await NatsServer.start({ executable });
        return broker;
      })();
      const url = `nats://127.0.0.1:${port}`;
      await using here = await join("here@host", url);
      await using there = await join("there@host", url);
      assertStringIncludes(here.cluster.trouble ?? "", "the broker is away");
      const alone = here.node.spawn(async (self) => {
        for await (const { reply } of self) reply?.("alone");
      });
      assertEquals(await here.node.call(alone, "who"), "alone");
      const away = await inProcess(there.node, (self) => Promise.resolve(self.send(alone, 1)));
      assertEquals(away, "unreachable");
      await using _broker = await NatsServer.start({ executable, storeDirectory, port });
      await meet(here, there);
      assertEquals([here.cluster.trouble, there.cluster.trouble], [undefined, undefined]);
      assertEquals(await there.node.call(alone, "who"), "alone");
    } finally {
      await Deno.remove(storeDirectory, { recursive: true });
    }
  },
);
