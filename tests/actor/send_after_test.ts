import { assertEquals, assertThrows } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { createGated, createRecorder, createStage, inProcess, receive } from "./stage.ts";

Deno.test("sendAfter() sends when the time has come, not before, in order of time", async () => {
  const { node, clock } = createStage();
  const recorder = createRecorder();
  const to = node.spawn(recorder.run);
  node.spawn(async (self) => {
    self.sendAfter(to, "late", 100);
    self.sendAfter(to, "early", 50);
    self.sendAfter(to, "at once", 0);
    await receive(self);
  });
  await clock.advance(49);
  assertEquals(recorder.messages, ["at once"]);
  await clock.advance(1);
  assertEquals(recorder.messages, ["at once", "early"]);
  await clock.advance(50);
  assertEquals(recorder.messages, ["at once", "early", "late"]);
  await node.stop();
});

Deno.test("sendAfter() returns a function that cancels and says whether it was in time", async () => {
  const { node, clock } = createStage();
  const done = inProcess(node, async (self) => {
    const cancelled = self.sendAfter(self.pid, "cancelled", 10);
    const sent = self.sendAfter(self.pid, "sent", 20);
    const results = [cancelled(), cancelled()];
    const message = await receive(self);
    return [...results, message, sent()];
  });
  await clock.advance(20);
  assertEquals(await done, [true, false, "sent", false]);
  assertEquals(clock.pending, 0);
  await node.stop();
});

Deno.test("sendAfter() sends nothing when its process has ended by then", async () => {
  const { node, clock } = createStage();
  const recorder = createRecorder();
  const to = node.spawn(recorder.run);
  const cancel = await inProcess(node, (self) => self.sendAfter(to, "posthumous", 10));
  await clock.advance(0);
  assertEquals([clock.pending, cancel()], [0, false]);
  await clock.advance(10);
  assertEquals(recorder.messages, []);
  await node.stop();
});

Deno.test("sendAfter() to one that has ended by then is lost in silence", async () => {
  const { node, clock } = createStage();
  const to = node.spawn(() => Promise.resolve());
  const done = inProcess(node, async (self) => {
    self.sendAfter(to, "lost", 10);
    self.sendAfter(self.pid, "next", 20);
    return await receive(self);
  });
  await clock.advance(20);
  assertEquals(await done, "next");
  await node.stop();
});

Deno.test("sendAfter() refuses at once what it could not send and a delay that is none", async () => {
  const { node, clock } = createStage();
  await inProcess(node, (self) => {
    assertThrows(() => self.sendAfter(self.pid, () => {}, 1), TypeError, "plain data");
    assertThrows(() => self.sendAfter(self.pid, "hi", -1), RangeError, "later: got -1 ms");
  });
  assertEquals(clock.pending, 0);
  await node.stop();
});

Deno.test("sendAfter() to oneself passes a full mailbox, by Pid, name and name on this node", async () => {
  const { node, clock } = createStage("self@test");
  const messages: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const pid = node.spawn(async (self) => {
    self.sendAfter(self.pid, "by pid", 1);
    self.sendAfter("me", "by name", 2);
    self.sendAfter({ name: "me", node: "self@test" }, "by name and node", 3);
    await gate.promise;
    for await (const { message } of self) messages.push(message);
  }, { name: "me", mailboxSize: 1 });
  await settle();
  assertEquals([node.send(pid, "filler"), node.send(pid, "too many")], ["accepted", "full"]);
  await clock.advance(3);
  const { mailboxDepth, overflows } = await node.inspect(pid);
  assertEquals([mailboxDepth, overflows], [4, 1]);
  gate.resolve();
  await settle();
  assertEquals(messages, ["filler", "by pid", "by name", "by name and node"]);
  await node.stop();
});

Deno.test("sendAfter() to another is refused by a full mailbox like any message", async () => {
  const { node, clock } = createStage();
  const gated = createGated();
  const to = node.spawn(gated.run, { mailboxSize: 1 });
  node.send(to, "held");
  await settle();
  node.send(to, "filler");
  void inProcess(node, async (self) => {
    self.sendAfter(to, "too many", 1);
    await receive(self);
  });
  await clock.advance(1);
  assertEquals((await node.inspect(to)).overflows, 1);
  gated.open();
  await node.stop();
  assertEquals(gated.messages, ["held", "filler", "end of loop"]);
});
