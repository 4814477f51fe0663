import { FrameQueue } from "../../../src/websocket/connection/frame_queue.ts";
import type { Frame, FrameTaker } from "../../../src/websocket/socket.ts";
import { encodeFrames, OPCODE } from "../../../src/testing/frames.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { connectWs } from "../ws_stage.ts";

const CLOSED = { code: 1000, reason: "" };

function frame(body: string): Frame {
  return { type: 1, body };
}

/** Hands a queue over; `seen` are the bodies that were taken, and what was heard of the end. */
function start(take: FrameTaker["takeFrame"] = () => undefined, queue = new FrameQueue()) {
  const seen: unknown[] = [];
  queue.handTo({
    takeFrame(each) {
      seen.push(each.body);
      return take(each);
    },
    readingEnded: (...failure) => void seen.push(["ended", ...failure]),
  });
  return { queue, seen };
}

Deno.test("handTo() takes what came together before anything else runs, and hears the end once", () => {
  const { queue, seen } = start();
  queue.pushAll([frame("a"), frame("b"), frame("c")]);
  assertEquals(seen, ["a", "b", "c"]);
  queue.push(frame("d"));
  queue.end(CLOSED);
  queue.end(CLOSED);
  assertEquals(seen, ["a", "b", "c", "d", ["ended"]]);
});

Deno.test("handTo() waits where it is told to, in the middle of what came together", async () => {
  const pause = Promise.withResolvers<void>();
  const { queue, seen } = start(({ body }) => body === "b" ? pause.promise : undefined);
  queue.pushAll([frame("a"), frame("b"), frame("c")]);
  queue.push(frame("d"));
  queue.end(CLOSED);
  assertEquals([seen, queue.depth], [["a", "b"], 2]);
  pause.resolve();
  await pause.promise;
  await undefined;
  assertEquals(seen, ["a", "b", "c", "d", ["ended"]]);
});

Deno.test("handTo() ends with what taking throws or waits for in vain, and takes nothing more", async () => {
  const error = new Error("broken");
  for (const take of [() => Promise.reject(error), () => fail(error)]) {
    const { queue, seen } = start(take);
    queue.pushAll([frame("a"), frame("b")]);
    await undefined;
    await undefined;
    queue.end(CLOSED);
    assertEquals(seen, ["a", ["ended", error]]);
  }
});

Deno.test("handTo() is not confused by an end that a frame brings about", () => {
  const { queue, seen } = start(() => void queue.end(CLOSED));
  queue.pushAll([frame("a"), frame("b")]);
  assertEquals(seen, ["a", "b", ["ended"]]);
});

Deno.test("handTo() finds what waited before it came", () => {
  const queue = new FrameQueue();
  queue.push(frame("early"));
  queue.end(CLOSED);
  assertEquals(start(undefined, queue).seen, ["early", ["ended"]]);
});

Deno.test("engine ws hands over all messages of a chunk at once", async () => {
  await using ends = await connectWs();
  const { socket, client } = ends;
  const counts: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let total = 0;
  let together = 0;
  socket.frames.handTo({
    takeFrame() {
      // What is taken in one go is taken before any microtask.
      if (together++ === 0) {
        queueMicrotask(() => {
          counts.push(together);
          total += together;
          together = 0;
          if (total === 100) resolve();
        });
      }
      return undefined;
    },
    readingEnded: () => resolve(),
  });
  await client.write(encodeFrames(Array(100).fill({ opcode: OPCODE.text, payload: "x" })));
  await promise;
  // The system may cut it once or twice, where it likes.
  assertEquals(counts.length < 5, true, `${counts}`);
});

function fail(error: Error): never {
  throw error;
}
