import fc from "fast-check";
import {
  isDirect,
  type RouteEvent,
  type RouteView,
  stepRoute,
  UNKNOWN_ROUTE,
} from "../../../src/cluster/keyed/route.ts";
import { assert, assertEquals, assertGreater } from "../../helpers/assert.ts";
import { type Act, Moves, type Mutation } from "./moves.ts";

const OWNED: RouteView = { revision: 7, isReachable: true };
const SEED = 20_261_127;

class Stage {
  state = UNKNOWN_ROUTE;

  at(nowMs: number, event: RouteEvent, view: RouteView = OWNED) {
    const [next, effects] = stepRoute(this.state, event, view, nowMs);
    this.state = next;
    return effects;
  }

  offer(nowMs: number, view?: RouteView) {
    return this.at(nowMs, { type: "offer" }, view);
  }
}

function confirmed(): Stage {
  const stage = new Stage();
  stage.offer(0);
  stage.at(1, { type: "answer", revision: 7, isReady: true });
  stage.at(2, { type: "sent", count: 1 });
  return stage;
}

Deno.test("stepRoute() asks the owner before the first message, which waits, then sends", () => {
  const stage = new Stage();
  assertEquals(stage.offer(0), [{ type: "parked" }, { type: "ask", revision: 7 }]);
  assertEquals(stage.offer(1), [{ type: "parked" }]);
  const answer = { type: "answer", revision: 7, isReady: true } as const;
  assertEquals(stage.at(2, answer), [{ type: "flush" }]);
  // What is offered before the others are gone goes behind them.
  assertEquals(stage.offer(3), [{ type: "parked" }]);
  stage.at(4, { type: "sent", count: 3 });
  assertEquals([stage.offer(5), isDirect(stage.state)], [[{ type: "direct" }], true]);
});

Deno.test("stepRoute() asks again for an owner that is not ready, with the next message", () => {
  const stage = new Stage();
  stage.offer(0);
  assertEquals(stage.at(1, { type: "answer", revision: 7, isReady: false }), []);
  assertEquals(stage.at(250, { type: "tick" }), [{ type: "ask", revision: 7 }]);
  // Of an answer that was overtaken by another owner nothing comes.
  const next = { revision: 9, isReachable: true };
  assertEquals(stage.at(251, { type: "look" }, next), [{ type: "ask", revision: 9 }]);
  assertEquals(stage.at(252, { type: "answer", revision: 7, isReady: true }, next), []);
});

Deno.test("stepRoute() keeps what is sent while the owner moves, for the one after it", () => {
  const stage = confirmed();
  assertEquals(stage.at(10, { type: "moving", fence: 7 }), [{ type: "unseat", why: "moved" }]);
  // The store still has the old one.
  assertEquals(stage.offer(11), [{ type: "parked" }]);
  const next = { revision: 8, isReachable: true };
  assertEquals(stage.at(12, { type: "look" }, next), [{ type: "ask", revision: 8 }]);
  const answer = { type: "answer", revision: 8, isReady: true } as const;
  assertEquals(stage.at(13, answer, next), [{ type: "flush" }]);
});

Deno.test("stepRoute() tells those that watch of an owner who is lost, or was followed", () => {
  const lost = { revision: 7, isReachable: false };
  assertEquals(confirmed().at(3, { type: "look" }, lost), [
    { type: "unseat", why: "noconnection" },
  ]);
  const other = { revision: 9, isReachable: true };
  assertEquals(confirmed().at(3, { type: "look" }, other), [{ type: "unseat", why: "moved" }]);
});

Deno.test("stepRoute() keeps 1 000 messages, then it is full", () => {
  const stage = new Stage();
  const nobody = { revision: 0, isReachable: false };
  const types = Array.from({ length: 1_001 }, () => stage.offer(10, nobody)[0]!.type);
  assertEquals(types.filter((type) => type === "parked").length, 1_000);
  assertEquals(types.at(-1), "full");
});

Deno.test("stepRoute() drops and counts what waited for 5 s, and is full until there is an owner", () => {
  const stage = new Stage();
  const nobody = { revision: 0, isReachable: false };
  stage.offer(10, nobody);
  assertEquals(stage.at(5_009, { type: "tick" }, nobody), []);
  assertEquals(stage.at(5_010, { type: "tick" }, nobody), [{ type: "drop", lost: 1 }]);
  assertEquals(stage.offer(5_011, nobody), [{ type: "full" }]);
  assertEquals(stage.at(5_012, { type: "look" }), [{ type: "ask", revision: 7 }]);
  stage.at(5_013, { type: "answer", revision: 7, isReady: true });
  assertEquals(stage.offer(5_014), [{ type: "direct" }]);
});

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Act["kind"]>(
      "send",
      "send",
      "send",
      "deliver",
      "deliver",
      "deliver",
      "hear",
      "hear",
      "move",
      "hurry",
      "wait",
      "cut",
    ),
    a: fc.nat({ max: 255 }),
    b: fc.nat({ max: 255 }),
  }),
  { minLength: 20, maxLength: 120 },
);

function run(all: readonly Act[], mutation: Mutation): Moves {
  const moves = new Moves(mutation);
  for (const act of all) moves.act(act);
  moves.settle();
  return moves;
}

Deno.test("while a shard moves nothing is doubled or out of order, and all loss is counted", () => {
  fc.assert(
    fc.property(acts, (all) => assertEquals(run(all, "none").violation, undefined)),
    { numRuns: 3_000, seed: SEED },
  );
});

Deno.test("while a shard moves nothing is lost, as long as all nodes hear each other in time", () => {
  const calm = acts.map((all) =>
    all.filter(({ kind }) => !["hurry", "wait", "cut"].includes(kind))
  );
  let moved = 0;
  let parked = 0;
  fc.assert(
    fc.property(calm, (all) => {
      const moves = run(all, "none");
      moved += moves.moves;
      parked += moves.parked;
      assertEquals([moves.violation, moves.lost], [undefined, 0]);
    }),
    { numRuns: 2_000, seed: SEED },
  );
  assertGreater(moved, 1_000);
  assertGreater(parked, 1_000);
});

for (const mutation of ["noBarrier", "noParking", "noFlush"] as const) {
  Deno.test(`the model finds a violation with ${mutation}`, () => {
    const calm = acts.map((all) =>
      all.filter(({ kind }) => !["hurry", "wait", "cut"].includes(kind))
    );
    const isSound = fc.property(calm, (all) => {
      const moves = run(all, mutation);
      return moves.violation === undefined && moves.lost === 0;
    });
    assert(fc.check(isSound, { numRuns: 2_000, seed: SEED, endOnFailure: true }).failed);
  });
}
