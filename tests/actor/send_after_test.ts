import { assertEquals, assertThrows } from "../helpers/assert.ts";
import { createRecorder, createStage, inProcess, receive } from "./stage.ts";

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
