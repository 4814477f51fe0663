import { assertEquals } from "../helpers/assert.ts";
import type { Ref } from "../../src/actor/mod.ts";
import { Relations } from "../../src/actor/relations.ts";

class Party {
  readonly relations: Relations<Party> = new Relations();
  constructor(readonly name: string) {}
}

const ref = (text: string) => text as Ref;
const counts = (party: Party) => {
  const { monitors, monitoredBy, links, linkedBy } = party.relations.describe();
  return [monitors, monitoredBy, links, linkedBy];
};
const released = (party: Party) => {
  const { monitors, linkers } = Relations.release(party);
  return [monitors.map(({ watcher, ref }) => [watcher.name, ref]), linkers.map(({ name }) => name)];
};

function trio(): [Party, Party, Party] {
  return [new Party("a"), new Party("b"), new Party("c")];
}

Deno.test("Relations.release() tells who was watching, once", () => {
  const [a, b, c] = trio();
  Relations.monitor(a, { watcher: b, ref: ref("1"), target: "a" });
  Relations.monitor(a, { watcher: b, ref: ref("2"), target: "a" });
  Relations.link(c, a);
  Relations.link(c, a);
  assertEquals(released(a), [[["b", "1"], ["b", "2"]], ["c"]]);
  assertEquals(released(a), [[], []]);
  assertEquals([a, b, c].map(counts), [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]);
});

Deno.test("Relations.release() of the watcher leaves nothing at the watched", () => {
  const [a, b] = trio();
  Relations.monitor(a, { watcher: b, ref: ref("1"), target: "a" });
  Relations.link(b, a);
  assertEquals([a, b].map(counts), [[0, 1, 0, 1], [1, 0, 1, 0]]);
  assertEquals(released(b), [[], []]);
  assertEquals(released(a), [[], []]);
});

Deno.test("Relations are one-way", () => {
  const [a, b] = trio();
  Relations.link(b, a);
  Relations.monitor(a, { watcher: b, ref: ref("1"), target: "a" });
  assertEquals(counts(a), [0, 1, 0, 1]);
  assertEquals(released(b), [[], []]);
});

Deno.test("Relations.demonitor() and unlink() take back one relation, not its neighbour", () => {
  const [a, b, c] = trio();
  Relations.monitor(a, { watcher: b, ref: ref("1"), target: "a" });
  Relations.monitor(a, { watcher: b, ref: ref("2"), target: "a" });
  for (const linker of [b, c]) Relations.link(linker, a);
  assertEquals(Relations.demonitor(b, ref("1")), true);
  assertEquals(Relations.demonitor(b, ref("1")), false);
  assertEquals(Relations.demonitor(c, ref("2")), false);
  Relations.unlink(b, a);
  Relations.unlink(b, a);
  assertEquals(released(a), [[["b", "2"]], ["c"]]);
});

Deno.test("Relations to itself end with it", () => {
  const [a] = trio();
  Relations.link(a, a);
  Relations.monitor(a, { watcher: a, ref: ref("1"), target: "a" });
  assertEquals(released(a), [[], []]);
});
