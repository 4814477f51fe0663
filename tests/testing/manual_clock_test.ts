import { assertEquals } from "../helpers/assert.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";

Deno.test("ManualClock.advance() fires what falls due, in order and at its own time", async () => {
  const clock = new ManualClock();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.now()]);
  clock.setTimeout(note("c"), 30);
  clock.setTimeout(note("a"), 10);
  clock.setTimeout(note("b"), 10);
  clock.setTimeout(note("never"), 31);
  await clock.advance(30);
  assertEquals(fired, [["a", 10], ["b", 10], ["c", 30]]);
  assertEquals([clock.now(), clock.pending], [30, 1]);
});

Deno.test("ManualClock.advance() fires what a timer or an awaiting function sets", async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  const note = () => fired.push(clock.now());
  clock.setTimeout(async () => {
    await Promise.resolve();
    clock.setTimeout(note, 5);
  }, 10);
  await clock.advance(15);
  assertEquals(fired, [15]);
});

Deno.test("ManualClock.clearTimeout() takes a timer back", async () => {
  const clock = new ManualClock();
  let fired = false;
  clock.clearTimeout(clock.setTimeout(() => fired = true, 1));
  await clock.advance(10);
  assertEquals([fired, clock.pending], [false, 0]);
});
