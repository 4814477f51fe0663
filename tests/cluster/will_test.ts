import { createNode, isDown, type Process } from "../../src/actor/mod.ts";
import { linkNodes } from "../../src/cluster/mod.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { createRecorder, idle, inProcess } from "../actor/stage.ts";
import { assertEquals } from "../helpers/assert.ts";
import { openLossy } from "./lossy_pair.ts";

function openPair() {
  const here = createNode({ name: "here@host" });
  const there = createNode({ name: "there@host" });
  const { run, messages } = createRecorder();
  return {
    here,
    there,
    link: linkNodes(here, there),
    /** Gets the wills, over the link and on the node of the watchers. */
    targets: [there.spawn(run), here.spawn(run)],
    messages,
    async [Symbol.asyncDispose]() {
      await Promise.all([here.stop(), there.stop()]);
    },
  };
}

Deno.test("what a lost node's actors wanted to be told is told once, by those that took nothing back", async () => {
  await using pair = openPair();
  const { here, there, link, targets: [to], messages } = pair;
  here.spawn(async (self) => {
    self.monitor(to!, { will: "gone" });
    self.monitor(to!);
    self.demonitor(self.monitor(to!, { will: "taken back" }));
    await idle(self);
  });
  await settle();
  link.cut();
  await settle();
  linkNodes(here, there);
  await settle();
  assertEquals(messages, ["gone"]);
});

Deno.test("a watcher that ends, or wants it, has its will done; then nothing more", async () => {
  await using pair = openPair();
  const { here, link, targets, messages } = pair;
  for (const to of targets) {
    messages.length = 0;
    await inProcess(here, (self) => {
      self.monitor(to, { will: "ended" });
      assertEquals(self.demonitor(self.monitor(to, { will: "left" }), { will: "wanted" }), true);
      return Promise.resolve();
    });
    await settle();
    assertEquals(messages, ["wanted", "ended"]);
  }
  link.cut();
  await settle();
  assertEquals(messages, ["wanted", "ended"]);
});

Deno.test("what has ended itself is told of no will", async () => {
  await using pair = openPair();
  const { here, there, targets: [to], messages } = pair;
  await inProcess(here, async (self: Process) => {
    self.monitor(to!, { will: "late" });
    void there.exit(to!);
    for await (const envelope of self) if (isDown(envelope)) return;
  });
  await settle();
  assertEquals(messages, []);
});

Deno.test("a will that was lost on the way is done after the gap, once", async () => {
  await using pair = openLossy();
  const { here, there } = pair;
  const { run, messages } = createRecorder();
  const to = there.spawn(run);
  const watcher = here.spawn(async (self) => {
    self.monitor(to, { will: "ended" });
    await idle(self);
  });
  const other = here.spawn(async (self) => {
    self.monitor(to, { will: "lives" });
    await idle(self);
  });
  await pair.settle();
  await pair.losing(() => void here.exit(watcher));
  for (let round = 0; round < 3; round++) await pair.settle();
  assertEquals(messages, ["ended"]);
  await here.exit(other);
  await pair.settle();
  assertEquals(messages, ["ended", "lives"]);
});

Deno.test("a will that is done at once, and was lost on the way, is done after the gap, once", async () => {
  await using pair = openLossy();
  const { here, there } = pair;
  const { run, messages } = createRecorder();
  const to = there.spawn(run);
  await inProcess(here, async (self) => {
    const ref = self.monitor(to, { will: "lost with its node" });
    await pair.settle();
    await pair.losing(() => void self.demonitor(ref, { will: "left" }));
    for (let round = 0; round < 3; round++) await pair.settle();
  });
  await pair.settle();
  assertEquals(messages, ["left"]);
});
