import {
  type LifeEffect,
  type LifeEvent,
  type LifeState,
  STARTED,
  stepLife,
} from "../../src/programs/life.ts";
import { assertEquals } from "../helpers/assert.ts";

/** What is done, and in which phase it ends: `SIGTERM`, `timer 3000`, `gone`. */
function live(...events: LifeEvent[]): [done: string[], phase: string] {
  let state: LifeState = STARTED;
  const done: string[] = [];
  for (const event of events) {
    const [next, effects] = stepLife(state, event);
    state = next;
    done.push(...effects.map(show));
  }
  return [done, state.phase];
}

function show(effect: LifeEffect): string {
  if (effect.kind === "signal") return effect.signal;
  return effect.kind === "timer" ? `timer ${effect.delayMs}` : effect.kind;
}

Deno.test("stepLife() waits 2 s after stop, 3 s after SIGTERM, then sends SIGKILL", () => {
  assertEquals(live("stop", "timeout", "timeout", "exited", "empty"), [
    ["timer 2000", "SIGTERM", "timer 3000", "SIGKILL", "timer 250", "gone"],
    "gone",
  ]);
});

Deno.test("stepLife() ends with a program that ends when its input does, and has left nothing", () => {
  assertEquals(live("stop", "exited", "empty"), [
    ["timer 2000", "SIGTERM", "timer 3000", "gone"],
    "gone",
  ]);
});

Deno.test("stepLife() sweeps up what a program leaves behind that has ended by itself", () => {
  assertEquals(live("exited", "timeout", "timeout"), [
    ["SIGTERM", "timer 500", "SIGKILL", "timer 250", "gone"],
    "gone",
  ]);
  assertEquals(live("exited", "empty")[0].at(-1), "gone");
});

Deno.test("stepLife() does not begin again what has begun, and nothing after the end", () => {
  assertEquals(live("stop", "stop")[0], ["timer 2000"]);
  assertEquals(live("terminate", "stop", "terminate"), [
    ["SIGTERM", "timer 3000"],
    "terminating",
  ]);
  assertEquals(live("kill", "kill", "stop", "terminate")[0], ["SIGKILL", "timer 250"]);
  const events = ["stop", "terminate", "kill", "exited", "empty", "timeout"] as const;
  assertEquals(live("kill", "exited", "empty", ...events)[0], ["SIGKILL", "timer 250", "gone"]);
});

Deno.test("stepLife() takes an empty group for the end only once the program has ended", () => {
  assertEquals(live("stop", "empty"), [["timer 2000"], "closing"]);
});
