import { Watch, type Watched } from "../../../src/websocket/connection/watch.ts";
import { assertEquals, assertGreater } from "../../helpers/assert.ts";
import { inDeadline } from "../../helpers/deadline.ts";
import { LateClock } from "../../helpers/manual_clock.ts";

const OFF = { pingPeriodMs: 0, pongTimeoutMs: 0, readTimeoutMs: 0, writeTimeoutMs: 0 };
const ON = { ...OFF, writeTimeoutMs: 100 };

/** Notes looks; `next` resolves at the next one. */
class Noting implements Watched {
  readonly looks: number[] = [];
  #looked = Promise.withResolvers<void>();

  look(nowMs: number): void {
    this.looks.push(nowMs);
    this.#looked.resolve();
    this.#looked = Promise.withResolvers();
  }

  next(): Promise<void> {
    return inDeadline("a look", this.#looked.promise);
  }
}

Deno.test("Watch looks at all of its group, again and again, while there is one", async () => {
  const group = new Set([new Noting(), new Noting()]);
  const [first, second] = [...group];
  const watch = new Watch(group);
  watch.update(ON);
  watch.update(ON);
  await first!.next();
  await first!.next();
  assertEquals(second!.looks.length, first!.looks.length);
  assertGreater(first!.looks[1]!, first!.looks[0]!);
  group.clear();
  // A timer that goes on would be a leak of this test.
  watch.update(ON);
});

Deno.test("Watch needs a limit to look for, and takes up a new one", async () => {
  const noting = new Noting();
  const group = new Set([noting]);
  const watch = new Watch(group);
  watch.update(OFF);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assertEquals(noting.looks, []);
  watch.update(ON, true);
  await noting.next();
  watch.update(OFF, true);
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
