import { assertEquals } from "../helpers/assert.ts";
import type { Address, Ref } from "../../src/actor/mod.ts";
import { Relations } from "../../src/actor/relations.ts";

const ref = (text: string | number) => String(text) as Ref;
const address = (text: string) => text as Address;
const [a, b, c] = ["a", "b", "c"].map(address) as [Address, Address, Address];

function counts(relations: Relations, ...addresses: Address[]): number[][] {
  return addresses.map((each) => Object.values(relations.counts(each)));
}

/** Who is told of an end: the watchers with their refs, and the linkers. */
function released(relations: Relations, of: Address): unknown[] {
  const { monitors, linkers } = relations.release(of);
  return [monitors.map(({ watcher, ref }) => [watcher, ref]), linkers];
}

Deno.test("Relations.release() tells who was watching, once", () => {
  const relations = new Relations();
  relations.monitor(ref(1), b, a);
  relations.monitor(ref(2), b, a);
  relations.link(c, a);
  relations.link(c, a);
  assertEquals(released(relations, a), [[[b, "1"], [b, "2"]], [c]]);
  assertEquals(released(relations, a), [[], []]);
  assertEquals(counts(relations, a, b, c), [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]);
});

Deno.test("Relations.release() of the watcher leaves nothing at the watched, and names it", () => {
  const relations = new Relations();
  relations.monitor(ref(1), b, a);
  relations.link(b, a);
  assertEquals(counts(relations, a, b), [[0, 1, 0, 1], [1, 0, 1, 0]]);
  const { watched, linked } = relations.release(b);
  assertEquals([watched, linked], [[[ref(1), a]], [a]]);
  assertEquals(released(relations, a), [[], []]);
});

Deno.test("Relations are one-way", () => {
  const relations = new Relations();
  relations.link(b, a);
  relations.monitor(ref(1), b, a);
  assertEquals(counts(relations, a), [[0, 1, 0, 1]]);
  assertEquals(released(relations, b), [[], []]);
});

Deno.test("Relations.demonitor() and unlink() take back one relation, not its neighbour", () => {
  const relations = new Relations();
  relations.monitor(ref(1), b, a, "the name");
  relations.monitor(ref(2), b, a);
  for (const linker of [b, c]) relations.link(linker, a);
  const taken = { ref: ref(1), watcher: b, target: a, given: "the name" };
  assertEquals(relations.demonitor(b, ref(1)), taken);
  assertEquals(relations.demonitor(b, ref(1)), undefined);
  assertEquals(relations.demonitor(c, ref(2)), undefined);
  relations.unlink(b, a);
  relations.unlink(b, a);
  assertEquals(released(relations, a), [[[b, "2"]], [c]]);
});

Deno.test("Relations.monitor() a second time with a ref changes nothing", () => {
  const relations = new Relations();
  relations.monitor(ref(1), b, a, "the name");
  relations.monitor(ref(1), b, a);
  const { monitors } = relations.release(a);
  assertEquals(monitors.map(({ ref, given }) => [ref, given]), [[ref(1), "the name"]]);
});

Deno.test("Relations to itself end with it", () => {
  const relations = new Relations();
  relations.link(a, a);
  relations.monitor(ref(1), a, a);
  assertEquals(released(relations, a), [[], []]);
});

Deno.test("Relations keep nothing of addresses without a relation", () => {
  const relations = new Relations();
  relations.monitor(ref(1), b, a);
  relations.monitor(ref(2), c, a);
  relations.link(c, b);
  const all = () => relations.addresses(() => true).toSorted();
  assertEquals(all(), [a, b, c]);
  relations.demonitor(c, ref(2));
  assertEquals(all(), [a, b, c]);
  relations.unlink(c, b);
  assertEquals(all(), [a, b]);
  relations.release(a);
  assertEquals(all(), []);
});

/** Numbers that look random and are the same in each run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

Deno.test("Relations fire each monitor once, whatever is done to them in between", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = createRandom(seed);
    const relations = new Relations();
    const all = ["a", "b", "c", "d"].map(address);
    const pick = () => all[random(all.length)]!;
    /** What has to be there: by ref, who watches whom. */
    const model = new Map<Ref, { watcher: Address; target: Address }>();
    const fired = new Set<Ref>();
    for (let step = 0; step < 60; step++) {
      const what = random(5);
      if (what < 2) {
        const [watcher, target] = [pick(), pick()];
        relations.monitor(ref(step), watcher, target);
        model.set(ref(step), { watcher, target });
      } else if (what === 2) {
        const [key, entry] = [...model][random(model.size || 1)] ?? [ref("none"), undefined];
        const taken = relations.demonitor(entry?.watcher ?? a, key);
        assertEquals(taken?.target, entry?.target, `seed ${seed}`);
        model.delete(key);
      } else {
        const ended = pick();
        const expected = [...model].filter(([, { watcher, target }]) =>
          target === ended && watcher !== ended
        ).map(([key]) => key);
        const { monitors } = relations.release(ended);
        assertEquals(
          monitors.map(({ ref }) => ref).toSorted(),
          expected.toSorted(),
          `seed ${seed}`,
        );
        for (const { ref } of monitors) {
          assertEquals(fired.has(ref), false, `seed ${seed}: ${ref} fired twice`);
          fired.add(ref);
        }
        for (const [key, { watcher, target }] of [...model]) {
          if (watcher === ended || target === ended) model.delete(key);
        }
      }
    }
    for (const each of all) relations.release(each);
    assertEquals(relations.addresses(() => true), [], `seed ${seed}`);
  }
});
