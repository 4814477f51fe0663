import { createNode } from "../../src/actor/mod.ts";
import { createStage } from "../actor/stage.ts";
import { assert, assertEquals, assertGreater, assertLess } from "../helpers/assert.ts";
import { inDeadline } from "../../src/testing/deadline.ts";
import { closeBody, OPCODE } from "../../src/testing/frames.ts";
import { stall } from "./contract/pace_cases.ts";
import { Inbox } from "./inbox.ts";
import { serveWs } from "./ws_stage.ts";

const { text, close } = OPCODE;

Deno.test("reading pauses while the mailbox of the target fills, and nothing is lost", async () => {
  const node = createNode();
  const gate = Promise.withResolvers<void>();
  const slow = new Inbox(() => gate.promise);
  const pid = node.spawn(slow.run, { name: "slow", mailboxSize: 100 });
  await using served = await serveWs({ node, pool: ["slow"] });
  await using client = await served.open({ timeoutMs: 20_000 });
  const count = 40_000;
  const size = 1_000;
  let sent = 0;
  const sending = (async () => {
    for (; sent < count; sent += 100) {
      const frames = Array.from({ length: 100 }, (_, i) => ({
        opcode: text,
        payload: `${sent + i} `.padEnd(size, "."),
      }));
      await client.send(...frames);
    }
  })();
  // More than the kernel takes was offered, and the target has not read a thing.
  let before = -1;
  while (sent !== before || sent === 0) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assertLess(sent, count);
  const { mailboxDepth, overflows } = await node.inspect(pid);
  assertLess(Number(mailboxDepth), 100);
  assertEquals(overflows, 0);
  gate.resolve();
  await inDeadline("sending", sending, 20_000);
  while (slow.all("message").length < count) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(slow.all("disconnect"), []);
  }
  const numbers = slow.all("message").map(({ body }) => parseInt(body as string));
  assertEquals(numbers, Array.from({ length: count }, (_, i) => i));
  await client.send({ opcode: close, payload: closeBody(1000) });
  assertEquals((await slow.take("disconnect")).code, 1000);
});

Deno.test("a target that ends while reading is paused closes the connection with 1011", async () => {
  const node = createNode();
  const slow = new Inbox(() => new Promise(() => {}));
  const pid = node.spawn(slow.run, { name: "slow", mailboxSize: 10 });
  await using served = await serveWs({ node, pool: ["slow"] });
  await using client = await served.open();
  await client.send(...Array.from({ length: 50 }, () => ({ opcode: text, payload: "x" })));
  await slow.take("connect");
  while (Number((await node.inspect(pid)).mailboxDepth) < 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await node.exit(pid, "kill");
  assertEquals((await client.readClose()).code, 1011);
});

Deno.test("a reader that stalls is cut with 4002 within writeTimeoutMs", async () => {
  const { node, clock } = createStage();
  const limits = { writeTimeoutMs: 20_000, sendQueueBytes: 16_777_216 };
  await using served = await serveWs({ ...limits, node });
  await using client = await served.open();
  const { id } = await served.parent.take("connect");
  const body = ".".repeat(65_536);
  // As much as the kernel takes, and some more.
  let waiting = 0;
  for (let i = 0; i < 200 && waiting < 1_048_576; i++) {
    await served.node.call(id, { kind: "message", body });
    await new Promise((resolve) => setTimeout(resolve, 0));
    waiting = Number((await served.node.inspect(id)).sendQueueBytes);
  }
  assertGreater(waiting, 0);
  await clock.advance(20_000);
  assertEquals(served.parent.all("disconnect"), []);
  // At the latest two looks later, with the second that it has to read why.
  await clock.advance(3_000);
  const { code, reason } = await served.parent.take("disconnect");
  assertEquals([code, reason], [4002, "write timeout"]);
  // What was queued is gone with the TCP connection.
  assertLess((await client.readEnd()).length, 200 * 65_536);
});

Deno.test("what waits for a reader that stalls is bounded by sendQueueBytes", async () => {
  await using served = await serveWs({ sendQueueBytes: 262_144, closeTimeoutMs: 50 });
  const { client } = await stall(served);
  assertEquals((await served.parent.take("disconnect")).code, 4002);
  assertEquals(served.handler.connections, 0);
  client.close();
});

Deno.test("a reader that reads slowly and steadily is not cut", async () => {
  await using served = await serveWs({ writeTimeoutMs: 300, sendQueueBytes: 16_777_216 });
  await using client = await served.open();
  const { id } = await served.parent.take("connect");
  const body = ".".repeat(262_144);
  for (let i = 0; i < 48; i++) await served.node.call(id, { kind: "message", body });
  for (let i = 0; i < 48; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals((await client.readText()).length, body.length);
  }
  assert(served.parent.all("disconnect").length === 0);
});
