import { isDown, isExit, type Node, type Pid, type Process } from "../../src/actor/mod.ts";
import { Kept } from "../../src/cluster/kept.ts";
import { idle, inProcess } from "../actor/stage.ts";
import { assertEquals, assertGreater } from "../helpers/assert.ts";
import { openLossy } from "./lossy_pair.ts";
import { eventually } from "./stage.ts";

/** Everything that a process was told of ends, as texts. */
async function note(self: Process, noted: string[]): Promise<void> {
  for await (const envelope of self) {
    if (isDown(envelope)) noted.push(`down ${envelope.message.target} ${envelope.message.reason}`);
    else if (isExit(envelope)) {
      noted.push(`exit ${envelope.message.from} ${envelope.message.reason}`);
    }
  }
}

Deno.test("an exit signal that was lost on the way arrives after the gap, once", async () => {
  await using pair = openLossy();
  const { here, there } = pair;
  const noted: string[] = [];
  const to = there.spawn((self) => note(self, noted), { trapExit: true });
  await pair.settle();
  await inProcess(here, async (self) => {
    await pair.losing(() => void self.exit(to, "on purpose"));
    for (let round = 0; round < 3; round++) await pair.settle();
    assertEquals(noted, [`exit ${self.pid} on purpose`]);
  });
});

Deno.test("an end that was lost on the way is told after the gap, with its reason", async () => {
  await using pair = openLossy();
  const { here, there } = pair;
  const noted: string[] = [];
  const to = here.spawn(idle);
  there.spawn((self) => {
    self.monitor(to);
    self.link(to);
    return note(self, noted);
  }, { trapExit: true });
  await pair.settle();
  await pair.losing(() => void here.exit(to, "on purpose"), 2);
  for (let round = 0; round < 3; round++) await pair.settle();
  assertEquals(noted.toSorted(), [`down ${to} on purpose`, `exit ${to} on purpose`]);
});

Deno.test("an end that was told is not told again after a later gap", async () => {
  await using pair = openLossy();
  const { here, there } = pair;
  const noted: string[] = [];
  const to = here.spawn(idle);
  const linked = there.spawn((self) => {
    self.link(to);
    return note(self, noted);
  }, { trapExit: true });
  await pair.settle();
  await here.exit(to, "on purpose");
  await pair.settle();
  await pair.losing(() => void here.send(linked, "lost"));
  for (let round = 0; round < 3; round++) await pair.settle();
  assertEquals(noted, [`exit ${to} on purpose`]);
});

/** Numbers that look random and are the same each time, below 1. */
function* randoms(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    yield state / 4_294_967_296;
  }
}

Deno.test("whatever a link loses, each end and each exit signal arrives exactly once", async () => {
  const random = randoms(11);
  const next = () => random.next().value;
  let isLosing = true;
  let lost = 0;
  await using pair = openLossy(() => isLosing && next() < 0.3 && ++lost > 0);
  const expected: string[] = [];
  const noted: string[] = [];
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  const sides: readonly [Node, Node] = [pair.here, pair.there];
  for (let count = 0; count < 150; count++) {
    const [one, other] = next() < 0.5 ? sides : sides.toReversed() as [Node, Node];
    const target = one.spawn(idle);
    const watched: Pid = other.spawn((self) => {
      self.monitor(target);
      self.link(target);
      return note(self, noted);
    }, { trapExit: true });
    expected.push(`down ${target} end ${count}`, `exit ${target} end ${count}`);
    await turn();
    one.spawn((self) => {
      void self.exit(watched, `signal ${count}`);
      expected.push(`exit ${self.pid} signal ${count}`);
      return Promise.resolve();
    });
    await turn();
    void one.exit(target, `end ${count}`);
    if (next() < 0.5) await turn();
  }
  isLosing = false;
  assertGreater(lost, 50);
  await eventually("nothing is missing", async () => {
    // What comes after a gap tells of it.
    pair.here.send({ name: "nobody", node: pair.there.name }, 1);
    pair.there.send({ name: "nobody", node: pair.here.name }, 1);
    await turn();
    return noted.length >= expected.length;
  });
  await pair.settle();
  // What was lost may be that it is watched at all: then it has ended before, of whatever reason.
  const known = noted.map((line) => {
    const end = expected.find((each) => each.startsWith(line.replace(/ terminated$/, " end ")));
    return line.endsWith(" terminated") ? end ?? line : line;
  });
  assertEquals(known.toSorted(), expected.toSorted());
});

Deno.test("Kept gives what was in a hole once, and says when it has not kept all", () => {
  const kept = new Kept();
  const exit = (seq: number) =>
    ({ kind: "exit", to: "a", from: "b", reason: String(seq) }) as never;
  for (const seq of [2, 3, 5]) kept.add(seq, exit(seq));
  kept.add(4, { kind: "message", to: "a", from: "b", message: 1 } as never);
  assertEquals(kept.take(3, 2), [exit(3)]);
  assertEquals(kept.take(2, 9), [exit(2), exit(5)]);
  for (let seq = 6; seq < 6 + 1_025; seq++) kept.add(seq, exit(seq));
  assertEquals(kept.take(6, 1), undefined);
  assertEquals(kept.take(7, 1), [exit(7)]);
  kept.clear();
  assertEquals(kept.take(2, 9), []);
});
