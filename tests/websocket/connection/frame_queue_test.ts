import { FrameQueue } from "../../../src/websocket/connection/frame_queue.ts";
import type { Frame } from "../../../src/websocket/socket.ts";
import { assertEquals } from "../../helpers/assert.ts";

const CLOSED = { code: 1000, reason: "" };

function frame(body: string): Frame {
  return { type: 1, body };
}

/** What is read up to the end. */
async function readAll(queue: FrameQueue): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for (;;) {
    const { done, value } = await queue.next();
    if (done) return bodies;
    bodies.push(value.body);
  }
}

Deno.test("FrameQueue gives frames in order, those that waited and those awaited", async () => {
  const queue = new FrameQueue();
  queue.push(frame("a"));
  queue.push(frame("b"));
  assertEquals(queue.depth, 2);
  const reading = readAll(queue);
  await Promise.resolve();
  queue.push(frame("c"));
  queue.end(CLOSED);
  assertEquals([await reading, queue.depth], [["a", "b", "c"], 0]);
});

Deno.test("FrameQueue gives what waits before its end, and nothing after it", async () => {
  const queue = new FrameQueue();
  queue.push(frame("before"));
  queue.end(CLOSED);
  queue.push(frame("after"));
  assertEquals(await readAll(queue), ["before"]);
  assertEquals(await readAll(queue), []);
});

Deno.test("FrameQueue wakes a reader that waits when it ends", async () => {
  const queue = new FrameQueue();
  const reading = readAll(queue);
  queue.end(CLOSED);
  assertEquals(await reading, []);
});

Deno.test("FrameQueue ends once", () => {
  const queue = new FrameQueue();
  assertEquals(queue.closeInfo, undefined);
  queue.end(CLOSED);
  queue.end({ code: 1006, reason: "again" });
  assertEquals(queue.closeInfo, CLOSED);
});

Deno.test("FrameQueue tells when the last frame that waits is taken, and of none that was awaited", async () => {
  const queue = new FrameQueue();
  let empties = 0;
  queue.onEmpty = () => empties++;
  queue.push(frame("a"));
  queue.push(frame("b"));
  const told: number[] = [];
  for (let i = 0; i < 2; i++) {
    await queue.next();
    told.push(empties);
  }
  const awaited = queue.next();
  queue.push(frame("c"));
  await awaited;
  assertEquals([...told, empties], [0, 1, 1]);
});
