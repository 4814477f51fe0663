import fc from "fast-check";
import {
  createUntold,
  createWanted,
  hasSpace,
  hearChange,
  INTEREST_LIMITS,
  joinSubject,
  leaveSubject,
  type Lingering,
  takeChange,
  takeLeft,
  tellAll,
  tellAnew,
  tellGone,
  tellOpen,
  tellSubject,
  wants,
} from "../../../src/actor/subjects/interest.ts";
import type { InterestChange } from "../../../src/actor/subjects/types.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";

function takeAll(untold: ReturnType<typeof createUntold>): InterestChange[] {
  const all: InterestChange[] = [];
  for (;;) {
    const change = takeChange(untold);
    if (change === undefined) return all;
    all.push(change);
  }
}

Deno.test("a subject is told of with its first member, and given up 5 s after the last", () => {
  const lingering: Lingering = new Map();
  assertEquals(joinSubject(lingering, "lobby"), true);
  leaveSubject(lingering, "lobby", 10);
  assertEquals(takeLeft(lingering, 5_009), []);
  // Whoever comes back in time tells nobody.
  assertEquals(joinSubject(lingering, "lobby"), false);
  assertEquals(takeLeft(lingering, 9_000), []);
  leaveSubject(lingering, "lobby", 9_000);
  leaveSubject(lingering, "attic", 9_001);
  assertEquals(takeLeft(lingering, 14_000), ["lobby"]);
  assertEquals(joinSubject(lingering, "lobby"), true);
});

Deno.test("takeChange() says all anew in bounded parts, then only what has changed since", () => {
  const untold = createUntold();
  const names = Array.from({ length: 2_500 }, (_, index) => `room ${index}`);
  const long = "x".repeat(INTEREST_LIMITS.units * 2);
  tellAnew(untold, [["chat", [...names, long]], ["empty", []]]);
  const said = takeAll(untold);
  assertEquals(said.map(({ kind }) => kind).filter((kind) => kind !== "interest"), [
    "interestBegins",
    "interestEnds",
  ]);
  const interest = said.flatMap((each) => each.kind === "interest" ? [each] : []);
  for (const { add } of interest) {
    const units = add.reduce((sum, { length }) => sum + length, 0);
    assert(add.length <= INTEREST_LIMITS.subjects);
    assert(units <= INTEREST_LIMITS.units || add.length === 1);
  }
  assertEquals(interest.flatMap(({ add }) => add), [...names, long]);
  assertEquals(interest.at(-1), { kind: "interest", space: "empty", add: [], drop: [] });
  tellSubject(untold, "chat", "room 1", false);
  tellSubject(untold, "chat", "new", true);
  tellGone(untold, "empty");
  assertEquals(takeAll(untold), [
    { kind: "interest", space: "chat", add: ["new"], drop: ["room 1"] },
    { kind: "interestGone", space: "empty" },
  ]);
});

Deno.test("hearChange() keeps what was said before until all was said anew", () => {
  const wanted = createWanted();
  const say = (add: string[], drop: string[] = []) =>
    hearChange(wanted, { kind: "interest", space: "chat", add, drop });
  say(["a", "b"]);
  hearChange(wanted, { kind: "interestBegins" });
  say(["c"], ["a"]);
  assertEquals(["a", "b", "c"].map((each) => wants(wanted, "chat", each)), [false, true, true]);
  hearChange(wanted, { kind: "interestEnds" });
  assertEquals(["a", "b", "c"].map((each) => wants(wanted, "chat", each)), [false, false, true]);
  hearChange(wanted, { kind: "interestGone", space: "chat" });
  assertEquals([hasSpace(wanted, "chat"), wants(wanted, "chat", "c")], [false, false]);
});

const SPACES = ["chat", "topics"];
const SUBJECTS = ["", "a", "b", "c"];

type Step =
  | { readonly do: "open" | "close"; readonly space: string }
  | { readonly do: "join" | "leave"; readonly space: string; readonly subject: string }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "say" | "arrive"; readonly count: number }
  | { readonly do: "lose" | "relink" | "repeat" };

const space = fc.constantFrom(...SPACES);
const subject = fc.constantFrom(...SUBJECTS);
const member = { space, subject };
const count = fc.integer({ min: 1, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("open" as const, "close" as const), space }),
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("join" as const), ...member }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("leave" as const), ...member }) },
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 6_000 }) }),
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("say" as const), count }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("arrive" as const), count }) },
  fc.record({ do: fc.constantFrom("lose" as const, "relink" as const, "repeat" as const) }),
);

/** Two nodes and a link that loses: one has members, the other is told of them. */
class Model {
  untold = createUntold();
  wanted = createWanted();
  readonly members = new Map<string, Set<string>>();
  readonly lingering = new Map<string, Lingering>();
  /** What the other one knew when nothing was on its way, and is so still. */
  readonly steady = new Set<string>();
  flight: InterestChange[] = [];
  hasGap = false;
  nowMs = 0;

  run(next: Step): void {
    switch (next.do) {
      case "open":
        if (this.members.has(next.space)) return;
        this.members.set(next.space, new Set());
        this.lingering.set(next.space, new Map());
        return tellOpen(this.untold, next.space);
      case "close":
        if (!this.members.delete(next.space)) return;
        this.lingering.delete(next.space);
        for (const each of this.steady) {
          if (each.startsWith(`${next.space} `)) this.steady.delete(each);
        }
        return tellGone(this.untold, next.space);
      case "join":
        return this.#join(next.space, next.subject);
      case "leave":
        return this.#leave(next.space, next.subject);
      case "wait":
        this.nowMs += next.ms;
        return this.#giveUp();
      case "say":
        for (let said = 0; said < next.count; said++) this.#say();
        return;
      case "arrive":
        for (const change of this.flight.splice(0, next.count)) hearChange(this.wanted, change);
        return;
      case "lose":
        if (this.flight.shift() === undefined) return;
        this.hasGap = true;
        return this.steady.clear();
      case "relink":
        this.untold = createUntold();
        this.wanted = createWanted();
        this.flight = [];
        this.steady.clear();
        this.hasGap = false;
        return tellAll(this.untold, this.#all());
      case "repeat":
        return this.repeat();
    }
  }

  repeat(): void {
    this.hasGap = false;
    tellAnew(this.untold, this.#all());
  }

  /** All is said and arrives. */
  settle(): void {
    if (this.hasGap) this.repeat();
    while (this.#say());
    for (const change of this.flight.splice(0)) hearChange(this.wanted, change);
    for (const [space, subjects] of this.members) {
      for (const subject of subjects) this.steady.add(`${space} ${subject}`);
    }
  }

  isWanted(space: string, subject: string): boolean {
    return this.members.get(space)?.has(subject) === true ||
      this.lingering.get(space)?.has(subject) === true;
  }

  *#all(): Iterable<readonly [string, Iterable<string>]> {
    for (const [space, subjects] of this.members) {
      yield [space, [...subjects, ...this.lingering.get(space)!.keys()]];
    }
  }

  #join(space: string, subject: string): void {
    const members = this.members.get(space);
    if (members === undefined || members.has(subject)) return;
    members.add(subject);
    if (!joinSubject(this.lingering.get(space)!, subject)) return;
    tellSubject(this.untold, space, subject, true);
  }

  #leave(space: string, subject: string): void {
    if (this.members.get(space)?.delete(subject) !== true) return;
    this.steady.delete(`${space} ${subject}`);
    leaveSubject(this.lingering.get(space)!, subject, this.nowMs);
  }

  #giveUp(): void {
    for (const [space, lingering] of this.lingering) {
      for (const subject of takeLeft(lingering, this.nowMs)) {
        tellSubject(this.untold, space, subject, false);
      }
    }
  }

  #say(): boolean {
    const change = takeChange(this.untold);
    if (change !== undefined) this.flight.push(change);
    return change !== undefined;
  }
}

const SIZE = { maxLength: 20, size: "max" } as const;

Deno.test("over a link that loses, is begun anew and repeats, interest is never stale in the end", () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, SIZE), SIZE), (rounds) => {
      const model = new Model();
      for (const steps of rounds) {
        for (const each of steps) {
          model.run(each);
          for (const name of model.steady) {
            const [space = "", subject = ""] = name.split(" ");
            assert(wants(model.wanted, space, subject), `${name} was forgotten in between`);
          }
        }
        model.settle();
        for (const space of SPACES) {
          assertEquals(hasSpace(model.wanted, space), model.members.has(space), space);
          for (const subject of SUBJECTS) {
            const got = wants(model.wanted, space, subject);
            assertEquals(got, model.isWanted(space, subject), `${space} ${subject}`);
          }
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
