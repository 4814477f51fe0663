import { keepPatience } from "../../src/http/header_patience.ts";
import { HELD_UP_MS, SYSTEM_CLOCK, type Timer } from "../../src/time/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("keepPatience() lengthens the deadlines by a pause, and then restores them", () => {
  let nowMs = 0;
  const timers: { callback: () => void; dueMs: number }[] = [];
  // What is not referenced has to be a real timer.
  const real: ReturnType<typeof setTimeout>[] = [];
  const clock = {
    now: () => nowMs,
    setTimeout(callback: () => void, delayMs: number) {
      timers.push({ callback, dueMs: nowMs + delayMs });
      real.push(setTimeout(() => {}));
      return real.at(-1) as unknown as Timer;
    },
    clearTimeout: SYSTEM_CLOCK.clearTimeout,
  };
  const server = { headersTimeout: 900, requestTimeout: 1000 };
  {
    using _patience = keepPatience(server, 100, clock);
    nowMs = 100;
    timers.shift()!.callback();
    assertEquals(server, { headersTimeout: 900, requestTimeout: 1000 });
    nowMs = 2700;
    timers.shift()!.callback();
    const lengthened = 2500 + HELD_UP_MS;
    assertEquals(server, {
      headersTimeout: 900 + lengthened,
      requestTimeout: 1000 + lengthened,
    });
    const restoring = timers.shift()!;
    assertEquals(restoring.dueMs, nowMs + 1000 + lengthened);
    restoring.callback();
    assertEquals(server, { headersTimeout: 900, requestTimeout: 1000 });
  }
  for (const timer of real) clearTimeout(timer);
});
