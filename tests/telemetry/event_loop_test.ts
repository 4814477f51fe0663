import {
  configureLogs,
  EVENT_LOOP_DEFAULTS,
  type EventLoopClock,
  watchEventLoop,
} from "../../src/telemetry/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { LogCapture } from "../helpers/log_capture.ts";

/** A clock whose timer fires when a test says so. */
class LateClock implements EventLoopClock {
  nowMs = 0;
  timers = new Map<number, { readonly callback: () => void; readonly dueMs: number }>();
  #count = 0;

  now(): number {
    return this.nowMs;
  }

  setTimeout(callback: () => void, delayMs: number): ReturnType<typeof setTimeout> {
    this.timers.set(++this.#count, { callback, dueMs: this.nowMs + delayMs });
    return this.#count as unknown as ReturnType<typeof setTimeout>;
  }

  clearTimeout(timer: ReturnType<typeof setTimeout>): void {
    this.timers.delete(timer as unknown as number);
  }

  /** Fires the timer so many milliseconds after it was due. */
  fireLate(lagMs: number): void {
    const [[id, { callback, dueMs }]] = [...this.timers] as [[number, {
      readonly callback: () => void;
      readonly dueMs: number;
    }]];
    this.timers.delete(id);
    this.nowMs = dueMs + lagMs;
    callback();
  }
}

Deno.test("watchEventLoop() reports each lag, logs a long one, and ends when told", async () => {
  const capture = new LogCapture();
  await using _logs = configureLogs({ format: "json", write: capture.write });
  const clock = new LateClock();
  const lags: number[] = [];
  const stop = watchEventLoop({ telemetry: { lagged: (lagMs) => lags.push(lagMs) }, clock });
  clock.fireLate(0);
  clock.fireLate(EVENT_LOOP_DEFAULTS.warnMs - 1);
  clock.fireLate(1234.4);
  clock.fireLate(-1);
  const line = await capture.find("The event loop was blocked for 1234 ms");
  assertEquals([line.level, line.lagMs], ["warning", 1234]);
  assertEquals(lags.map(Math.round), [0, EVENT_LOOP_DEFAULTS.warnMs - 1, 1234, 0]);
  assertEquals(capture.lines.length, 1);
  assertEquals(clock.timers.size, 1);
  stop();
  assertEquals(clock.timers.size, 0);
});
