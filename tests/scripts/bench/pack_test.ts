import fc from "fast-check";
import { assert, assertEquals, assertLessOrEqual } from "../../helpers/assert.ts";
import { Pack } from "../../../scripts/bench/generator/pack.ts";

Deno.test("Pack lets nobody get more than an exchange ahead, and stops nobody for good", async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 8 }),
    fc.array(fc.nat(), { maxLength: 200 }),
    async (count, picks) => {
      const pack = new Pack(count);
      const levels = Array.from({ length: count }, () => 0);
      const held = new Set<number>();
      for (const pick of picks) {
        const ready = levels.map((_, i) => i).filter((i) => !held.has(i));
        // The slowest may always go on.
        assert(ready.some((i) => levels[i] === Math.min(...levels)));
        const who = ready[pick % ready.length]!;
        const wait = pack.advance(levels[who]!, ++levels[who]!);
        if (wait !== undefined) {
          held.add(who);
          wait.then(() => held.delete(who));
        }
        await Promise.resolve();
        assertLessOrEqual(Math.max(...levels) - Math.min(...levels), 2);
      }
    },
  ));
});

Deno.test("Pack waits no more for who has left", async () => {
  const pack = new Pack(2);
  assertEquals(pack.advance(0, 1), undefined);
  const wait = pack.advance(1, 2);
  assert(wait !== undefined);
  pack.leave(0);
  await wait;
});
