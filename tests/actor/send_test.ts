import type { Envelope, Pid, Target } from "../../src/actor/mod.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { floods } from "../helpers/misbehaving.ts";
import {
  createGated,
  createRecorder,
  createStage,
  idle,
  inProcess,
  spawnMeta,
  watch,
} from "./stage.ts";

Deno.test("send() says accepted for a live process, by Pid, name, and name on this node", async () => {
  const { node } = createStage("demo@host");
  const recorder = createRecorder();
  const pid = node.spawn(recorder.run, { name: "keeper" });
  const targets: Target[] = [pid, "keeper", { name: "keeper", node: "demo@host" }];
  assertEquals(targets.map((to) => node.send(to, "hi")), ["accepted", "accepted", "accepted"]);
  await node.stop();
  assertEquals(recorder.messages, ["hi", "hi", "hi"]);
});

Deno.test("send() says unknown for a name nobody has and for what never was", async () => {
  await using node = createStage("demo@host").node;
  const pid = node.spawn(idle);
  const ref = await inProcess(node, (self) => self.monitor(pid));
  const targets: Target[] = [
    "nobody",
    { name: "nobody", node: "demo@host" },
    pid.replace(/\d+>$/, "999>"),
    pid.replace(/\d+>$/, "0>"),
    pid.replace(node.incarnation, "0".repeat(12)),
    ref,
    "",
  ];
  for (const to of targets) assertEquals(node.send(to, "hi"), "unknown", JSON.stringify(to));
});

Deno.test("send() says terminated for what was alive and has ended", async () => {
  await using node = createStage().node;
  const { pid, down } = watch(node, () => Promise.resolve(), { name: "short" });
  await down;
  assertEquals(node.send(await pid, "hi"), "terminated");
  assertEquals(node.send("short", "hi"), "unknown");
});

Deno.test("send() says terminated to one that is on its way out", async () => {
  const { node } = createStage();
  const gated = createGated();
  const pid = node.spawn(gated.run);
  node.send(pid, "first");
  await settle();
  const ended = node.exit(pid);
  assertEquals(node.send(pid, "late"), "terminated");
  gated.open();
  await ended;
  assertEquals(gated.messages, ["first", "end of loop"]);
  await node.stop();
});

Deno.test("send() says full at the bound, tells the sender, and the counter rises", async () => {
  await using node = createStage().node;
  const gated = createGated();
  const pid = node.spawn(gated.run, { mailboxSize: 3 });
  node.send(pid, "in work");
  await settle();
  const results = ["a", "b", "c", "d", "e"].map((message) => node.send(pid, message));
  assertEquals(results, ["accepted", "accepted", "accepted", "full", "full"]);
  const { mailboxDepth, mailboxSize, accepted, overflows } = await node.inspect(pid);
  assertEquals([mailboxDepth, mailboxSize, accepted, overflows], [3, 3, 4, 2]);
  gated.open();
  await settle();
  assertEquals(gated.messages, ["in work", "a", "b", "c"]);
  assertEquals(node.send(pid, "f"), "accepted");
});

Deno.test("send() bounds a mailbox at 10 000 messages by default against a flood", async () => {
  await using node = createStage().node;
  const gated = createGated();
  const pid = node.spawn(gated.run);
  await watch(node, floods(pid, 12_000)).down;
  const { mailboxDepth, overflows } = await node.inspect(pid);
  // One message was handed to the reader that waited.
  assertEquals([mailboxDepth, overflows], [10_000, 1_999]);
  gated.open();
});

Deno.test("send() says unreachable for another node", async () => {
  await using node = createStage("demo@host").node;
  await using other = createStage("other@host").node;
  const elsewhere = other.spawn(idle, { name: "there" });
  assertEquals(node.send(elsewhere, "hi"), "unreachable");
  assertEquals(node.send({ name: "there", node: "other@host" }, "hi"), "unreachable");
});

Deno.test("send() throws a TypeError for what has not the form of a target", async () => {
  await using node = createStage().node;
  for (const to of [undefined, null, 5]) {
    const target = to as unknown as Pid;
    const shown = to === null ? "null" : typeof to;
    assertThrows(() => node.send(target, "hi"), TypeError, `name or { name, node }, got ${shown}`);
  }
});

Deno.test("messages from one sender to one receiver arrive in sending order", async () => {
  const { node } = createStage();
  const received: Envelope[] = [];
  const receiver = node.spawn(async (self) => {
    for await (const envelope of self) {
      received.push(envelope);
      if (received.length % 7 === 0) await Promise.resolve();
    }
  });
  const senders = await Promise.all([0, 1, 2].map((_) =>
    inProcess(node, async (self) => {
      for (let i = 0; i < 2500; i++) {
        self.send(receiver, i);
        if (i % 11 === 0) await Promise.resolve();
      }
      return self.pid;
    })
  ));
  await node.stop();
  for (const sender of senders) {
    const messages = received.filter(({ from }) => from === sender).map(({ message }) => message);
    assertEquals(messages, Array.from({ length: 2500 }, (_, i) => i));
  }
});

Deno.test("send() and call() from one sender keep their order among each other", async () => {
  const { node } = createStage();
  const seen: unknown[] = [];
  const receiver = node.spawn(async (self) => {
    for await (const { message, reply } of self) {
      seen.push(message);
      reply?.("ok");
    }
  });
  await inProcess(node, async (self) => {
    self.send(receiver, 1);
    const asked = self.call(receiver, 2);
    self.send(receiver, 3);
    await asked;
  });
  await node.stop();
  assertEquals(seen, [1, 2, 3]);
});

Deno.test("an envelope carries its sender; one from the node cannot be answered", async () => {
  await using node = createStage().node;
  const envelopes: Envelope[] = [];
  const receiver = node.spawn(async (self) => {
    for await (const envelope of self) envelopes.push(envelope);
  });
  const sender = await inProcess(node, (self) => {
    self.send(receiver, { from: "process" });
    return self.pid;
  });
  node.send(receiver, { from: "node" });
  await settle();
  assertEquals(envelopes.map(({ from }) => from)[0], sender);
  assertEquals(envelopes.map(({ reply }) => reply), [undefined, undefined]);
  assertEquals(node.send(envelopes[1]!.from, "back"), "unknown");
});

Deno.test("sendAll() sends to each in turn and counts those that accepted", async () => {
  const { node } = createStage();
  const recorder = createRecorder();
  const pid = node.spawn(recorder.run, { name: "keeper" });
  const accepted = await inProcess(node, (self) => {
    const targets = new Set<Target>([pid, "nobody", "keeper"]);
    return [self.sendAll(targets, "hi"), self.sendAll([], "none")];
  });
  assertEquals(accepted, [2, 0]);
  await node.stop();
  assertEquals(recorder.messages, ["hi", "hi"]);
});

Deno.test("sendAll() refuses what structured clone refuses before anybody gets it", async () => {
  const { node } = createStage();
  const recorder = createRecorder();
  const pid = node.spawn(recorder.run);
  await inProcess(node, (self) => assertThrows(() => self.sendAll([pid], () => {}), TypeError));
  await node.stop();
  assertEquals(recorder.messages, []);
});

Deno.test("sendAll() that throws has reached nobody, whichever target is the reason", async () => {
  const { node } = createStage();
  const recorder = createRecorder();
  const pid = node.spawn(recorder.run);
  const picky = await spawnMeta(node, {
    validate: (message) => {
      if (message !== "fine") throw new TypeError("only what is fine");
    },
  });
  const half = function* (): Generator<Target> {
    yield pid;
    throw new Error("no more targets");
  };
  const results = await inProcess(node, (self) => {
    const noTarget = [pid, null as unknown as Target, pid];
    assertThrows(() => self.sendAll(noTarget, "fine"), TypeError, "expected a Pid");
    assertThrows(() => self.sendAll([pid, picky.alias, pid], "coarse"), TypeError, "only what is");
    assertThrows(() => self.sendAll(half(), "fine"), Error, "no more targets");
    return self.sendAll([pid, picky.alias, "nobody"], "fine");
  });
  assertEquals(results, 2);
  await node.stop();
  assertEquals(recorder.messages, ["fine"]);
});

Deno.test("sendAll() tells those who check a message that it is the same one for all", async () => {
  const { node } = createStage();
  const rounds: unknown[] = [];
  const behavior = {
    validate: (_message: unknown, round?: object) => void rounds.push(round),
  };
  const { alias: first } = await spawnMeta(node, behavior);
  const { alias: second } = await spawnMeta(node, behavior);
  await inProcess(node, (self) => {
    for (let turns = 0; turns < 2; turns++) self.sendAll([first, second], "hi");
    self.send(first, "hi");
  });
  await node.stop();
  assertEquals(rounds.length, 5);
  assertEquals([rounds[0] === rounds[1], rounds[1] === rounds[2], rounds[4]], [
    true,
    false,
    undefined,
  ]);
});

Deno.test("sendAll() of one that was ended reaches nobody", async () => {
  const { node } = createStage();
  const recorder = createRecorder();
  const pid = node.spawn(recorder.run);
  const later = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<number>();
  const sender = node.spawn(async (self) => {
    await later.promise;
    sent.resolve(self.sendAll([pid], "hi"));
  });
  await settle();
  await node.exit(sender, "kill");
  later.resolve();
  assertEquals(await sent.promise, 0);
  await node.stop();
  assertEquals(recorder.messages, []);
});
