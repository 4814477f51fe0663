import { Relistener, RETRY_DELAYS } from "../../src/http/relisten.ts";
import { assertEquals } from "../helpers/assert.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";

/** Listens in vain so many times, and notes when. */
function createStage(failures: number) {
  const clock = new ManualClock();
  const attempts: number[] = [];
  const relistener = new Relistener(async () => {
    attempts.push(clock.now());
    await Promise.resolve();
    if (attempts.length <= failures) throw new Error("the address is in use");
  }, clock);
  return { clock, attempts, relistener };
}

Deno.test("Relistener tries until it listens, waiting longer each time, and says that it does not", async () => {
  const { clock, attempts, relistener } = createStage(7);
  assertEquals(relistener.isListening, true);
  relistener.start("deaf", { atOnce: true });
  relistener.start("deaf", { atOnce: true });
  assertEquals(relistener.isListening, false);
  await clock.advance(6_000);
  assertEquals([attempts, relistener.isListening], [[0, 100, 300, 700, 1500, 3100, 5100], false]);
  await clock.advance(RETRY_DELAYS.mostMs);
  assertEquals([attempts.at(-1), relistener.isListening, clock.pending], [7100, true, 0]);
});

Deno.test("Relistener begins with the shortest delay after it was well", async () => {
  const { clock, attempts, relistener } = createStage(3);
  relistener.start("ended", { atOnce: false });
  await clock.advance(10_000);
  assertEquals(attempts, [100, 300, 700, 1500]);
  relistener.start("ended", { atOnce: false });
  await clock.advance(1_600);
  assertEquals(attempts.at(-1), 11_600);
  relistener.isWell();
  relistener.start("ended", { atOnce: false });
  await clock.advance(100);
  assertEquals(attempts.at(-1), 11_700);
});

Deno.test("Relistener ends when it is disposed", async () => {
  const { clock, attempts, relistener } = createStage(100);
  relistener.start("deaf", { atOnce: true });
  await clock.advance(0);
  relistener[Symbol.dispose]();
  assertEquals(clock.pending, 0);
  relistener.start("deaf", { atOnce: true });
  await clock.advance(10_000);
  assertEquals(attempts, [0]);
});
