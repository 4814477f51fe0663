import { freshlyUsed, LOOKS_PER_TIMEOUT, stepIdle } from "../../../src/actor/keyed/idle.ts";
import { assertEquals } from "../../helpers/assert.ts";

/** Whether each of the looks finds it over. */
function looks(...usages: { heard: number; isNeeded?: boolean }[]): boolean[] {
  let state = freshlyUsed(0);
  return usages.map(({ heard, isNeeded = false }) => {
    const step = stepIdle(state, { heard, isNeeded });
    state = step.state;
    return step.isOver;
  });
}

Deno.test("stepIdle() ends what was unused at so many looks in a row", () => {
  const unused = Array.from({ length: LOOKS_PER_TIMEOUT }, () => ({ heard: 0 }));
  assertEquals(looks(...unused), [false, false, false, true]);
});

Deno.test("stepIdle() begins anew with each message, and while it is needed", () => {
  const quiet = { heard: 1 };
  assertEquals(looks({ heard: 1 }, quiet, quiet, quiet, quiet), [false, false, false, false, true]);
  const needed = { heard: 0, isNeeded: true };
  assertEquals(looks(needed, needed, needed, needed, needed, needed).includes(true), false);
  const unused = { heard: 0 };
  assertEquals(looks(unused, unused, unused, needed, unused, unused, unused, unused), [
    ...Array(7).fill(false),
    true,
  ]);
});
