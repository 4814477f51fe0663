import { openSpace } from "../actor/subjects_contract.ts";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { NatsServer } from "../helpers/nats_server.ts";
import { testWith } from "../helpers/needs.ts";
import { eventually, join, meet, NATS, openPair, withBroker } from "./stage.ts";

testWith(
  NATS,
  "a broker that is away loses publications, counted, and interest is right when it is back",
  async (executable) => {
    const storeDirectory = await Deno.makeTempDir();
    try {
      await using brokers = new AsyncDisposableStack();
      const broker = await NatsServer.start({ executable, storeDirectory });
      await using here = await join("here@host", broker.url);
      await using there = await join("there@host", broker.url);
      await meet(here, there);
      const one = await openSpace(here.node, "chat");
      const two = await openSpace(there.node, "chat", ["lobby"]);
      let sent = 0;
      const publish = (subject: string) => one.subjects.publish(subject, sent++) === 1;
      await eventually("it is wanted", () => publish("lobby"));
      for (let count = 0; count < 100; count++) publish("lobby");
      await broker[Symbol.asyncDispose]();
      await eventually("it is refused", () => !publish("lobby"));
      two.join("attic");
      two.leave("lobby");
      two.join("lobby");
      const { port } = broker;
      brokers.use(await NatsServer.start({ executable, storeDirectory, port }));
      await eventually("what was joined meanwhile is wanted", () => publish("attic"));
      await eventually("what was left and joined is wanted", () => publish("lobby"));
      const last = sent - 1;
      await eventually("it arrives", () => two.got.at(-1)?.[1] === last);
      const numbers = two.got.map(([, message]) => message as number);
      assertEquals(numbers, numbers.toSorted((a, b) => a - b), "in order");
      assertEquals(new Set(numbers).size, numbers.length, "none twice");
      const lost = [here, there].reduce((sum, { cluster }) => sum + cluster.peers[0]!.link.lost, 0);
      assertGreater(lost, 0);
    } finally {
      await Deno.remove(storeDirectory, { recursive: true });
    }
  },
);

testWith(NATS, "each publication arrives or is counted as lost", async (executable) => {
  await using pair = await openPair(executable);
  const one = await openSpace(pair.here, "chat");
  const two = await openSpace(pair.there, "chat", ["lobby"]);
  await pair.settle();
  let taken = 0;
  const total = 30_000;
  for (let sent = 0; sent < total; sent++) taken += one.subjects.publish("lobby", sent);
  const { link } = pair.clusters[0].peers[0]!;
  assertGreater(taken, 9_000);
  assertEquals(taken + link.full, total);
  await eventually("all that was taken arrives", () => two.got.length === taken);
  assertEquals(link.lost, 0);
});

testWith(
  NATS,
  "a node that starts again has the interest of that start alone",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using here = await join("here@host", broker.url);
    const one = await openSpace(here.node, "chat");
    {
      await using there = await join("there@host", broker.url);
      await meet(here, there);
      await openSpace(there.node, "chat", ["lobby"]);
      await eventually("it is wanted", () => one.subjects.publish("lobby", 1) === 1);
    }
    await eventually("nobody wants it", () => one.subjects.publish("lobby", 2) === 0);
    await using again = await join("there@host", broker.url);
    await meet(here, again);
    const two = await openSpace(again.node, "chat", ["attic"]);
    await eventually("it is wanted", () => one.subjects.publish("attic", 3) === 1);
    assertEquals(one.subjects.publish("lobby", 4), 0);
    await eventually("it arrives", () => two.got.length > 0);
    assertEquals(two.got, [["attic", 3]]);
  },
);
