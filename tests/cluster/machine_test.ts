import type { Bus } from "../../src/cluster/bus.ts";
import { type Admission, joinCluster, openMachine } from "../../src/cluster/mod.ts";
import { PortBus } from "../../src/cluster/machine/port_bus.ts";
import { WAITING } from "../../src/cluster/machine/port_limits.ts";
import type { FromDoor, ToDoor } from "../../src/cluster/machine/protocol.ts";
import type { Change, StoreWatcher } from "../../src/cluster/store.ts";
import { createNode } from "../../src/actor/mod.ts";
import { assertEquals, assertGreater, assertRejects } from "../helpers/assert.ts";
import { testWith } from "../helpers/needs.ts";
import { eventually, NATS, withBroker } from "./stage.ts";

/** A machine, without a broker or with one, and the buses of some of its threads. */
async function openThreads(count: number, servers?: string) {
  const nats = servers === undefined ? undefined : { servers };
  const machine = await openMachine({ name: "main@host", nats });
  const threads: { readonly admission: Admission; readonly bus: PortBus }[] = [];
  for (let index = 0; index < count; index++) {
    const admission = machine.admit();
    const bus = new PortBus(admission.port);
    await bus.open({ first: () => Promise.resolve(), back() {}, away() {} });
    threads.push({ admission, bus });
  }
  return {
    machine,
    threads,
    buses: threads.map(({ bus }) => bus),
    async [Symbol.asyncDispose]() {
      for (const { bus } of threads) await bus.close();
      await machine.close();
    },
  };
}

/** Resolves when all that was said before has come to the machine, and back. */
const settle = (bus: Bus) => bus.request("nobody", 100);

function record() {
  const told: unknown[] = [];
  const watcher: StoreWatcher = {
    change: ({ key, value }: Change) => void told.push([key, value]),
    complete: () => void told.push("complete"),
    behind: () => void told.push("behind"),
  };
  return { told, watcher };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

async function passesOn(one: Bus, other: Bus): Promise<void> {
  const heard: string[] = [];
  for (const bus of [one, other, other]) {
    bus.subscribe("news.*", ({ subject, data }) => void heard.push(`${subject} ${text(data)}`));
  }
  const end = one.subscribe("ask", ({ reply }) => one.publish(reply!, bytes("answer")));
  one.subscribe("silence", () => {});
  await settle(one);
  await settle(other);
  one.publish("news.today", bytes("hello"));
  await eventually("all hear it", () => heard.length === 3);
  assertEquals(new Set(heard), new Set(["news.today hello"]));
  const answer = await other.request("ask", 5_000);
  assertEquals(answer.kind === "answered" && text(answer.data), "answer");
  assertEquals(await other.request("silence", 50), { kind: "timedOut" });
  end();
  await settle(one);
  assertEquals(await other.request("ask", 5_000), { kind: "noResponders" });
}

async function keepsStore(one: Bus, other: Bus): Promise<void> {
  const [mine, theirs] = [await one.openStore("test"), await other.openStore("test")];
  const first = await mine.write("key", 1, 0);
  assertEquals("revision" in first, true);
  const { revision } = first as { revision: number };
  assertEquals(await theirs.write("key", 2, 0), { found: { key: "key", revision, value: 1 } });
  const [here, there] = [record(), record()];
  await mine.watch(here.watcher);
  await eventually("all was told", () => here.told.includes("complete"));
  // What the watch of the machine has told before is told to who comes later.
  await theirs.watch(there.watcher);
  await eventually("all was told", () => there.told.includes("complete"));
  assertEquals(here.told, [["key", 1], "complete"]);
  assertEquals(there.told, here.told);
  const next = await theirs.write("key", 2, revision) as { revision: number };
  assertGreater(next.revision, revision);
  await mine.remove("key", revision);
  assertEquals((await mine.read("key"))?.value, 2);
  await mine.remove("key", next.revision);
  assertEquals(await theirs.read("key"), undefined);
  const rest = [["key", 1], "complete", ["key", 2], ["key", undefined]];
  await eventually("it is told", () => here.told.length === 4 && there.told.length === 4);
  assertEquals([here.told, there.told], [rest, rest]);
  // Who asks again has missed something: then the watch begins anew, for all.
  await mine.put("other", 3);
  await eventually("it is told", () => here.told.length === 5 && there.told.length === 5);
  await mine.watch(here.watcher);
  await eventually("it begins anew", () => there.told.includes("behind"));
  await theirs.watch(there.watcher);
  await eventually("it is complete", () => there.told.at(-1) === "complete");
  await eventually("it is complete", () => here.told.at(-1) === "complete");
  assertEquals(here.told.includes("behind"), false);
  assertEquals(there.told.slice(-2)[0], ["other", 3]);
}

Deno.test("threads of a machine without a broker hear and ask each other, and have a store", async () => {
  await using stage = await openThreads(2);
  const [one, other] = stage.buses as [PortBus, PortBus];
  await passesOn(one, other);
  await keepsStore(one, other);
});

testWith(
  NATS,
  "threads of a machine do the same over the one connection to a broker",
  async (executable) => {
    await using broker = await withBroker(executable);
    await using stage = await openThreads(2, broker.url);
    const [one, other] = stage.buses as [PortBus, PortBus];
    await passesOn(one, other);
    await keepsStore(one, other);
    const { connections } = await broker.broker.monitor("connz?subs=1") as {
      connections: { name: string; subscriptions_list: string[] }[];
    };
    assertEquals(connections.map(({ name }) => name), ["main@host"]);
    const [{ subscriptions_list }] = connections as [typeof connections[0]];
    assertEquals(subscriptions_list.filter((each) => each === "news.*").length, 1);
  },
);

Deno.test("a thread that has ended is asked nothing, and what it held for its life is free", async () => {
  await using stage = await openThreads(2);
  const [{ admission, bus }, { bus: other }] = stage.threads as [
    typeof stage.threads[0],
    typeof stage.threads[0],
  ];
  bus.subscribe("ask", ({ reply }) => bus.publish(reply!, bytes("answer")));
  const store = await bus.openStore("test");
  await store.write("lease", 1, 0, 1_000);
  await store.write("kept", 1, 0);
  admission.close();
  assertEquals(await other.request("ask", 5_000), { kind: "noResponders" });
  // Until nothing of it runs any more nobody else has it.
  const theirs = await other.openStore("test");
  assertEquals((await theirs.read("lease"))?.value, 1);
  admission.ended();
  await eventually("it is free", async () => await theirs.read("lease") === undefined);
  assertEquals((await theirs.read("kept"))?.value, 1);
});

Deno.test("what waits for a thread that takes nothing in is bounded, and the others miss nothing", async () => {
  await using stage = await openThreads(1);
  const { machine } = stage;
  const [bus] = stage.buses as [PortBus];
  const { port, close } = machine.admit();
  const say = (message: ToDoor) => port.postMessage(message);
  say({ kind: "subscribe", id: 1, subject: "news" });
  const request = { kind: "store", name: "test", request: { op: "watch", watch: 7 } } as const;
  say({ kind: "ask", id: 2, request });
  let heard = 0;
  bus.subscribe("news", () => heard++);
  await settle(bus);
  // With what is counted beside them: the first 63 fit, and the last one takes all that is left.
  const each = 1_048_576 - WAITING.eachBytes;
  for (let sent = 1; sent <= 80; sent++) {
    const size = sent < 80 ? each : each - WAITING.eachBytes;
    bus.publish("news", new Uint8Array(size));
    await eventually("the other hears it", () => heard === sent);
  }
  const store = await bus.openStore("test");
  await store.put("key", 1);
  // Now it takes everything in.
  const told: FromDoor[] = [];
  let taken = 0;
  port.onmessage = ({ data }: MessageEvent<FromDoor>) => {
    told.push(data);
    if (data.kind !== "message") return;
    taken++;
    say({ kind: "taken", bytes: data.data.length + WAITING.eachBytes });
  };
  const kinds = () => told.filter(({ kind }) => kind !== "message").map(({ kind }) => kind);
  await eventually("it hears that it missed something", () => kinds().includes("behind"));
  assertEquals(taken, 64);
  assertEquals(kinds(), ["complete", "answer", "behind"]);
  // And from now on it hears all.
  bus.publish("news", new Uint8Array(1));
  const before = taken;
  await eventually("it hears the next", () => taken === before + 1);
  close();
  port.close();
});

Deno.test("a cluster is joined by a broker or by a machine, not by both or neither", async () => {
  await using node = createNode({ name: "one@host" });
  const { port1, port2 } = new MessageChannel();
  const nats = { servers: "nats://127.0.0.1:1" };
  await assertRejects(() => joinCluster(node, { name: "test" }), TypeError, "neither of nats");
  const both = { name: "test", nats, machine: port1 };
  await assertRejects(() => joinCluster(node, both), TypeError, "both nats and machine");
  port1.close();
  port2.close();
});
