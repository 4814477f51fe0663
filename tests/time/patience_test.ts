import {
  HELD_UP_MS,
  heldUpMs,
  inTime,
  LATE,
  PatientTimer,
  RunningTime,
} from "../../src/time/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { LateClock } from "../../src/testing/manual_clock.ts";

Deno.test("heldUpMs() is the lateness of a timer, beyond what timers are late anyway", () => {
  assertEquals([heldUpMs(100, 90), heldUpMs(100, 100), heldUpMs(100, 100 + HELD_UP_MS)], [0, 0, 0]);
  assertEquals(heldUpMs(100, 101 + HELD_UP_MS), 1 + HELD_UP_MS);
});

Deno.test("PatientTimer calls in time, and after a pause once there was time to read", async () => {
  for (const [pauseMs, calledMs] of [[0, 1000], [HELD_UP_MS, 1000 + HELD_UP_MS], [5000, 6100]]) {
    const clock = new LateClock();
    const called: number[] = [];
    using _timer = new PatientTimer(() => called.push(clock.now()), 1000, clock);
    await clock.advance(500);
    clock.pause(pauseMs!);
    await clock.advance(2000);
    assertEquals([called, clock.pending], [[calledMs!], 0], `after ${pauseMs} ms`);
  }
});

Deno.test("PatientTimer waits once, though the program is always late", async () => {
  const clock = new LateClock();
  const called: number[] = [];
  using _timer = new PatientTimer(() => called.push(clock.now()), 1000, clock);
  clock.pause(500);
  await clock.advance(1000);
  clock.pause(500);
  await clock.advance(HELD_UP_MS);
  assertEquals(called, [1000 + 500 + 500 + HELD_UP_MS]);
});

Deno.test("PatientTimer calls no more once it is disposed, also while it waits", async () => {
  const clock = new LateClock();
  const timer = new PatientTimer(() => assertEquals("called", "not"), 1000, clock);
  clock.pause(500);
  await clock.advance(1000);
  timer[Symbol.dispose]();
  await clock.advance(5000);
  assertEquals(clock.pending, 0);
});

Deno.test("RunningTime stands still while the program is held up, and says so", () => {
  const time = new RunningTime();
  assertEquals(time.tick(50), { nowMs: 50, wasHeldUp: false });
  time.expect(100);
  assertEquals(time.tick(110), { nowMs: 110, wasHeldUp: false });
  time.expect(200);
  assertEquals(time.tick(2700), { nowMs: 200, wasHeldUp: true });
  time.expect(2800);
  assertEquals(time.tick(2800), { nowMs: 300, wasHeldUp: false });
});

Deno.test("inTime() gives what comes in time, and LATE for what does not", async () => {
  assertEquals(await inTime(Promise.resolve(1), 1000), 1);
  assertEquals(await inTime(new Promise(() => {}), 1), LATE);
});
