import { type Dated, Deadlines } from "../../src/actor/deadlines.ts";
import { createNode } from "../../src/actor/mod.ts";
import type { Timer } from "../../src/time/mod.ts";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { ManualClock, settle } from "../../src/testing/manual_clock.ts";
import { echo, idle, inProcess } from "./stage.ts";

/** Counts the timers that are set; they fire `lateMs` late. */
class WatchedClock extends ManualClock {
  set = 0;
  lateMs = 0;

  override setTimeout(callback: () => void, delayMs: number): Timer {
    this.set++;
    return super.setTimeout(callback, delayMs + this.lateMs);
  }
}

function createStage() {
  const clock = new WatchedClock();
  const deadlines = new Deadlines(clock);
  const expired: string[] = [];
  function add(name: string, delayMs: number): Dated {
    const dated = { dueMs: 0, expire: () => expired.push(`${name} at ${clock.now()}`) };
    deadlines.add(dated, delayMs, clock.now());
    return dated;
  }
  return { clock, deadlines, expired, add };
}

Deno.test("Deadlines pass when they are due, those of one length with one timer", async () => {
  const { clock, deadlines, expired, add } = createStage();
  add("a", 100);
  await clock.advance(30);
  const b = add("b", 100);
  add("c", 50);
  add("d", 100);
  await settle();
  assertEquals([clock.pending, deadlines.size], [2, 4]);
  deadlines.remove(b, 100);
  await clock.advance(99);
  assertEquals(expired, ["c at 80", "a at 100"]);
  await clock.advance(1);
  assertEquals(expired, ["c at 80", "a at 100", "d at 130"]);
  assertEquals([clock.pending, deadlines.size], [0, 0]);
});

Deno.test("Deadlines that are taken back leave no timer", async () => {
  const { clock, deadlines, expired, add } = createStage();
  const all = Array.from({ length: 10 }, (_, i) => add(String(i), 100));
  await settle();
  assertEquals([clock.set, clock.pending], [1, 1]);
  for (const dated of all) deadlines.remove(dated, 100);
  assertEquals([clock.pending, deadlines.size], [0, 0]);
  deadlines.remove(all[0]!, 100);
  add("late", 100);
  await clock.advance(99);
  assertEquals(expired, []);
  await clock.advance(1);
  assertEquals([expired, clock.pending], [["late at 100"], 0]);
});

Deno.test("Deadlines do not count the time in which the program was held up", async () => {
  const { clock, deadlines, expired, add } = createStage();
  clock.lateMs = 4000;
  const answered = add("answered", 1000);
  add("not answered", 1000);
  await settle();
  clock.lateMs = 0;
  await clock.advance(5000);
  assertEquals(expired, []);
  deadlines.remove(answered, 1000);
  add("new", 1000);
  await clock.advance(100);
  assertEquals(expired, ["not answered at 5100"]);
  await clock.advance(899);
  assertEquals(expired.length, 1);
  await clock.advance(1);
  assertEquals(expired, ["not answered at 5100", "new at 6000"]);
  assertEquals(clock.pending, 0);
});

Deno.test("Deadlines pass in a program that is always late too", async () => {
  const { clock, expired, add } = createStage();
  clock.lateMs = 500;
  add("a", 1000);
  await clock.advance(2100);
  assertEquals(expired, ["a at 2100"]);
  assertEquals(clock.pending, 0);
});

Deno.test("calls that are answered within the node set no timer, one that waits sets one", async () => {
  const clock = new WatchedClock();
  const node = createNode({ clock });
  const to = node.spawn(echo);
  await inProcess(node, async (self) => {
    for (let i = 0; i < 1000; i++) await self.call(to, i);
    for (let i = 0; i < 10; i++) {
      await Promise.all(Array.from({ length: 100 }, (_, j) => self.call(to, j)));
    }
  });
  assertEquals([clock.set, clock.pending], [0, 0]);

  const silent = node.spawn(idle);
  const calls = Array.from({ length: 100 }, () => node.call(silent, "?", { timeoutMs: 70 }));
  const outcomes = Promise.allSettled(calls);
  await clock.advance(69);
  assertEquals([clock.set, clock.pending], [1, 1]);
  await clock.advance(1);
  const reasons = (await outcomes).map((each) => (each as PromiseRejectedResult).reason.code);
  assertEquals([...new Set(reasons)], ["timeout"]);
  assertEquals(clock.pending, 0);
  assertGreater((await node.inspect(silent)).accepted as number, 99);
  await node.stop();
});
