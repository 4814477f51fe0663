import { CallUnreachableError, isDown } from "../../src/actor/mod.ts";
import { connect } from "../../src/cluster/nats/socket_transport.ts";
import { Subjects } from "../../src/cluster/nats/subjects.ts";
import { createRecorder, idle, inProcess } from "../actor/stage.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";
import { WIRE_LIMITS } from "../../src/cluster/limits.ts";
import { assertEquals, assertGreater, assertRejects } from "../helpers/assert.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { NatsServer } from "../helpers/nats_server.ts";
import { testWith } from "../helpers/needs.ts";
import { addUp, Load } from "./load.ts";
import { openLossy } from "./lossy_pair.ts";
import { eventually, join, meet, NATS, openPair } from "./stage.ts";

Deno.test("what was watched and lost on the way is said again after the gap, which is counted", async () => {
  await using pair = openLossy();
  const { here, there, links } = pair;
  const to = there.spawn(idle);
  const reason = await inProcess(here, async (self) => {
    await pair.losing(() => {
      self.monitor(to);
      self.send(to, "lost");
    }, 2);
    await pair.settle();
    void there.exit(to, "on purpose");
    for await (const envelope of self) if (isDown(envelope)) return envelope.message.reason;
  });
  assertEquals([reason, links[1].meter.lost], ["on purpose", 2]);
});

Deno.test("what was taken back and lost on the way is taken back after the gap", async () => {
  await using pair = openLossy();
  const { here, there } = pair;
  const to = there.spawn(idle);
  await inProcess(here, async (self) => {
    const ref = self.monitor(to);
    self.link(to);
    await pair.settle();
    await pair.losing(() => {
      self.demonitor(ref);
      self.unlink(to);
    }, 2);
    await pair.settle();
    const { monitoredBy, linkedBy } = await there.inspect(to);
    assertEquals([monitoredBy, linkedBy], [0, 0]);
  });
});

testWith(
  NATS,
  "a message of 1 MiB on the wire arrives, one of a byte more is unreachable",
  async (executable) => {
    const capture = new LogCapture();
    await using _logs = configureLogs({ level: "warning", format: "json", write: capture.write });
    await using pair = await openPair(executable);
    const { run, messages } = createRecorder();
    const to = pair.there.spawn(run);
    const sizes: number[] = [];
    for (let size = 1_048_576; sizes.length < 2; size--) {
      const result = pair.here.send(to, new Uint8Array(size));
      if (result === "accepted") sizes.push(size);
      else assertEquals(result, "unreachable");
    }
    await eventually("they arrive", () => messages.length === 2);
    assertEquals(messages.map((message) => (message as Uint8Array).length), sizes);
    const refused = 1_048_576 - sizes[0]!;
    assertEquals(pair.clusters[0].peers[0]!.link.lost, refused);
    // One more than the largest: its size on the wire is one more than what passes.
    const { why } = capture.lines.findLast(({ message }) =>
      String(message).includes("cannot be sent")
    )!;
    const most = 1_048_576 - WIRE_LIMITS.headBytes;
    assertEquals(why, `it has ${most + 1} bytes, at most ${most} pass`);
  },
);

testWith(
  NATS,
  "a broker that takes less gets no more: batches are smaller, larger messages unreachable",
  async (executable) => {
    await using pair = await openPair(executable, "max_payload: 4096");
    const { run, messages } = createRecorder();
    const to = pair.there.spawn(run);
    const text = "ま".repeat(300);
    const count = 500;
    for (let i = 0; i < count; i++) assertEquals(pair.here.send(to, `${i} ${text}`), "accepted");
    assertEquals(pair.here.send(to, new Uint8Array(3_800)), "accepted");
    assertEquals(pair.here.send(to, "ま".repeat(1_400)), "unreachable");
    assertEquals(pair.here.send(to, new Uint8Array(5_000)), "unreachable");
    await eventually("they arrive", () => messages.length === count + 1);
    assertEquals(messages.slice(0, 2), [`0 ${text}`, `1 ${text}`]);
    assertEquals((messages.at(-1) as Uint8Array).length, 3_800);
    assertEquals(pair.clusters.map(({ peers }) => peers[0]!.link.lost), [2, 0]);
  },
);

testWith(
  NATS,
  "an answer that the broker does not take fails its call, and the link stands",
  async (executable) => {
    await using pair = await openPair(executable, "max_payload: 4096");
    const to = pair.there.spawn(async (self) => {
      for await (const { message, reply } of self) reply?.("x".repeat(Number(message)));
    });
    await assertRejects(() => pair.here.call(to, 5_000), CallUnreachableError);
    assertEquals(await pair.here.call(to, 3), "xxx");
    assertEquals(pair.clusters[0].peers[0]!.link.relinks, 0);
  },
);

testWith(NATS, "garbage, and batches of strangers, are counted and dropped", async (executable) => {
  await using pair = await openPair(executable);
  const subjects = new Subjects("test");
  const stranger = await connect({ servers: pair.broker.url.slice("nats://".length) });
  try {
    for (
      const bytes of [new Uint8Array(), new Uint8Array(500).fill(0xdd), new Uint8Array([0x94])]
    ) {
      stranger.publish(subjects.link(pair.there, pair.here), bytes);
      stranger.publish(subjects.link(pair.there, { name: "who@host", incarnation: "0" }), bytes);
      stranger.publish(subjects.hello, bytes);
    }
    stranger.publish(subjects.hello, new TextEncoder().encode('{"name":"<>","kind":"here"}'));
    await stranger.flush();
  } finally {
    await stranger.close();
  }
  await eventually("it is counted", () => pair.clusters[1].peers[0]!.link.refused === 3);
  assertEquals(pair.clusters[1].peers.map(({ name }) => name), ["here@host"]);
  await pair.settle();
});

testWith(
  NATS,
  "a broker that is away for a while changes no owner; what is sent is refused, received or counted",
  async (executable) => {
    const storeDirectory = await Deno.makeTempDir();
    try {
      await using brokers = new AsyncDisposableStack();
      const broker = await NatsServer.start({ executable, storeDirectory });
      await using here = await join("here@host", broker.url);
      await using there = await join("there@host", broker.url);
      await meet(here, there);
      const starts: string[] = [];
      for (const { node, cluster } of [here, there]) {
        cluster.spawnGlobal("clock", async (self) => {
          starts.push(`${node.name} ${self.env.fence}`);
          await idle(self);
        });
      }
      const isKnown = () => [here, there].every(({ node }) => node.whereis("clock") !== undefined);
      await eventually("the clock is known", isKnown);
      const loads = [here, there].map(({ node, cluster }) => new Load(node, cluster));
      const to = there.node.spawn(idle);
      let ended = false;
      here.node.spawn(async (self) => {
        self.monitor(to);
        for await (const envelope of self) ended ||= isDown(envelope);
      });
      const received = () => loads.map((load) => load.report().received);
      await eventually("they are under load", () => received().every((count) => count > 300));
      await broker[Symbol.asyncDispose]();
      await eventually("it is refused", () => here.node.send(to, 1) === "unreachable");
      // Longer than a missing heartbeat, shorter than what isolates.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      const port = broker.port;
      brokers.use(await NatsServer.start({ executable, storeDirectory, port }));
      await eventually("it is reached again", () => here.node.send(to, 1) === "accepted");
      assertEquals([starts.length, ended, isKnown()], [1, false, true]);
      const before = received();
      await eventually("messages pass", () => received().every((count, i) => count > before[i]!));
      for (const load of loads) load.stop();
      const total = () => addUp(loads.map((load) => load.report()));
      await eventually("each is received or counted", () => {
        const { accepted, received, lost } = total();
        return received + lost >= accepted;
      });
      const { accepted, received: arrived, misplaced } = total();
      assertEquals([arrived <= accepted, misplaced], [true, 0]);
      assertGreater(here.cluster.peers[0]!.link.out, 0);
    } finally {
      await Deno.remove(storeDirectory, { recursive: true });
    }
  },
);
