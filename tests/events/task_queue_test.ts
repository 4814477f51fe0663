import { TaskQueue } from "../../src/events/task_queue.ts";
import { assertEquals } from "../helpers/assert.ts";
import { settle } from "../../src/testing/manual_clock.ts";

Deno.test("TaskQueue.run() runs at once what finds nobody at work", () => {
  const done: number[] = [];
  const queue = new TaskQueue(1);
  for (const n of [1, 2, 3]) queue.run(() => void done.push(n));
  assertEquals(done, [1, 2, 3]);
});

Deno.test("TaskQueue.run() lets later tasks wait while one takes its time", async () => {
  const done: number[] = [];
  const queue = new TaskQueue(10);
  const gate = Promise.withResolvers<void>();
  queue.run(() => gate.promise.then(() => void done.push(1)));
  queue.run(() => void done.push(2));
  queue.run(() => Promise.resolve().then(() => void done.push(3)));
  queue.run(() => void done.push(4));
  await settle();
  assertEquals([done, queue.isBusy], [[], true]);
  gate.resolve();
  await settle();
  assertEquals([done, queue.isBusy], [[1, 2, 3, 4], false]);
});

Deno.test("TaskQueue.run() runs what a task adds after that task", () => {
  const done: string[] = [];
  const queue = new TaskQueue(10);
  queue.run(() => {
    queue.run(() => void done.push("inner"));
    done.push("outer");
  });
  assertEquals(done, ["outer", "inner"]);
});

Deno.test("TaskQueue.run() refuses one task too many, except the last", async () => {
  const done: number[] = [];
  const queue = new TaskQueue(2, true);
  const results = [1, 2, 3].map((n) => queue.run(() => void done.push(n)));
  assertEquals(results, [true, true, false]);
  assertEquals(queue.run(() => void done.push(4), true), true);
  queue.release();
  await settle();
  assertEquals(done, [1, 2, 4]);
});

Deno.test("TaskQueue.clear() forgets what waits", () => {
  const done: number[] = [];
  const queue = new TaskQueue(10, true);
  queue.run(() => void done.push(1));
  queue.clear();
  queue.release();
  assertEquals(done, []);
});

Deno.test("TaskQueue runs ten thousand waiting tasks without recursion", () => {
  let done = 0;
  const queue = new TaskQueue(10_000, true);
  for (let n = 0; n < 10_000; n++) queue.run(() => void done++);
  queue.release();
  assertEquals(done, 10_000);
});
