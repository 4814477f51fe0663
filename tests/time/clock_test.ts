import { assertDelay, MAX_DELAY_MS, SYSTEM_CLOCK } from "../../src/time/clock.ts";
import { assertEquals, assertGreaterOrEqual, assertThrows } from "../helpers/assert.ts";

Deno.test("assertDelay() takes what a timer takes", () => {
  for (const delayMs of [0, 0.5, 1, MAX_DELAY_MS]) assertDelay("wait", delayMs);
  for (const delayMs of [-1, NaN, Infinity, MAX_DELAY_MS + 1, "soon" as unknown as number]) {
    const { message } = assertThrows(() => assertDelay("wait", delayMs), RangeError);
    assertEquals(message, `Cannot wait: got ${delayMs} ms, expected a number from 0 to 2147483647`);
  }
});

Deno.test("SYSTEM_CLOCK never goes back, fires its timers and takes them back", async () => {
  const startMs = SYSTEM_CLOCK.now();
  let fired = false;
  SYSTEM_CLOCK.clearTimeout(SYSTEM_CLOCK.setTimeout(() => fired = true, 0));
  await new Promise<void>((resolve) => SYSTEM_CLOCK.setTimeout(resolve, 2));
  assertEquals(fired, false);
  assertGreaterOrEqual(SYSTEM_CLOCK.now(), startMs);
});

Deno.test("SYSTEM_CLOCK asks for whole milliseconds, since a timer leaves fractions out", () => {
  const original = globalThis.setTimeout;
  const asked: unknown[] = [];
  globalThis.setTimeout = ((_: unknown, delayMs: unknown) => asked.push(delayMs)) as never;
  try {
    for (const delayMs of [0, 0.2, 1, 99.7]) SYSTEM_CLOCK.setTimeout(() => {}, delayMs);
  } finally {
    globalThis.setTimeout = original;
  }
  assertEquals(asked, [0, 1, 1, 100]);
});
