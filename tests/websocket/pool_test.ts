import type { Pid } from "../../src/actor/mod.ts";
import { pickTarget } from "../../src/websocket/pool.ts";
import { assertEquals } from "../helpers/assert.ts";

/** The names picked by `count` connections in turn, of a pool of which some are alive. */
function pick(pool: string[], alive: string[], count: number): (string | undefined)[] {
  let cursor = 0;
  return Array.from({ length: count }, () => {
    const picked = pickTarget(
      pool,
      cursor,
      (name) => alive.includes(name) ? name as Pid : undefined,
    );
    cursor = picked?.cursor ?? cursor;
    return picked?.pid;
  });
}

Deno.test("pickTarget() gives the names in turn, beginning with the first", () => {
  assertEquals(pick(["a", "b", "c"], ["a", "b", "c"], 7), ["a", "b", "c", "a", "b", "c", "a"]);
});

Deno.test("pickTarget() passes over names that nobody holds", () => {
  assertEquals(pick(["a", "b", "c"], ["a", "c"], 4), ["a", "c", "a", "c"]);
  assertEquals(pick(["a", "b", "c"], ["c"], 2), ["c", "c"]);
});

Deno.test("pickTarget() gives nothing when no name is held", () => {
  assertEquals(pick(["a", "b"], [], 2), [undefined, undefined]);
  assertEquals(pick([], [], 1), [undefined]);
});

Deno.test("pickTarget() gives a name twice in a row of turns if it is in the pool twice", () => {
  assertEquals(pick(["a", "a", "b"], ["a", "b"], 4), ["a", "a", "b", "a"]);
});
