import { Watch, type Watched } from "../../../src/websocket/connection/watch.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { LateClock, ManualClock } from "../../../src/testing/manual_clock.ts";

const OFF = { pingPeriodMs: 0, pongTimeoutMs: 0, readTimeoutMs: 0, writeTimeoutMs: 0 };
const ON = { ...OFF, writeTimeoutMs: 100 };

/** Notes looks. */
class Noting implements Watched {
  readonly looks: number[] = [];

  look(nowMs: number): void {
    this.looks.push(nowMs);
  }
}

Deno.test("Watch looks at all of its group, again and again, while there is one", async () => {
  const clock = new ManualClock();
  const group = new Set([new Noting(), new Noting()]);
  const [first, second] = [...group];
  const watch = new Watch(group, clock);
  watch.update(ON);
  watch.update(ON);
  await clock.advance(30);
  assertEquals([first!.looks, second!.looks], [[10, 20, 30], [10, 20, 30]]);
  group.clear();
  watch.update(ON);
  assertEquals(clock.pending, 0);
});

Deno.test("Watch needs a limit to look for, and takes up a new one", async () => {
  const clock = new ManualClock();
  const noting = new Noting();
  const watch = new Watch(new Set([noting]), clock);
  watch.update(OFF);
  await clock.advance(60_000);
  assertEquals([noting.looks, clock.pending], [[], 0]);
  watch.update(ON, true);
  await clock.advance(10);
  assertEquals(noting.looks, [60_010]);
  watch.update(OFF, true);
  assertEquals(clock.pending, 0);
});

Deno.test("Watch judges nobody right after a pause of the program, and leaves the pause out", async () => {
  const clock = new LateClock();
  const looks: number[] = [];
  const watch = new Watch(new Set([{ look: (nowMs: number) => void looks.push(nowMs) }]), clock);
  watch.update(ON);
  await clock.advance(20);
  clock.pause(2500);
  await clock.advance(30);
  assertEquals(looks, [10, 20, 40, 50]);
});

Deno.test("Watch judges at every other tick where the program is late at each", async () => {
  const clock = new LateClock();
  const looks: number[] = [];
  const watch = new Watch(new Set([{ look: (nowMs: number) => void looks.push(nowMs) }]), clock);
  watch.update(ON);
  for (let pauses = 0; pauses < 4; pauses++) {
    clock.pause(2500);
    await clock.advance(10);
  }
  assertEquals(looks.length, 2);
});
