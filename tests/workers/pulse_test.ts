import {
  BEAT_MS,
  BLOCKED_AFTER_MS,
  type Finding,
  type Pulse,
  startPulse,
  stepPulse,
} from "../../src/workers/pulse.ts";
import { assertEquals } from "../helpers/assert.ts";

/** Looks each half second for a time; what was found, with the silence it was found at. */
function look(pulse: Pulse, forMs: number, killAfterMs?: number) {
  const found: (readonly [Finding, number])[] = [];
  let next = pulse;
  for (let ms = BEAT_MS; ms <= forMs; ms += BEAT_MS) {
    const [after, finding] = stepPulse(next, next.beats, pulse.lookedMs + ms, killAfterMs);
    next = after;
    if (finding !== undefined) found.push([finding, after.silentMs]);
  }
  return { found, pulse: next };
}

const beating = stepPulse(startPulse(0, 0), 1, BEAT_MS, undefined)[0];

Deno.test("stepPulse() tells of a blocked worker each 5 s, and ends none by itself", () => {
  assertEquals(look(beating, 16_000).found, [
    ["blocked", BLOCKED_AFTER_MS],
    ["blocked", 2 * BLOCKED_AFTER_MS],
    ["blocked", 3 * BLOCKED_AFTER_MS],
  ]);
});

Deno.test("stepPulse() ends a worker that was silent for as long as is allowed", () => {
  assertEquals(look(beating, 3_000, 2_000).found[0], ["kill", 2_000]);
  assertEquals(look(beating, 1_500, 2_000).found, []);
  const { pulse } = look(beating, 1_500, 2_000);
  const [again] = stepPulse(pulse, 2, pulse.lookedMs + BEAT_MS, 2_000);
  assertEquals(look(again, 1_500, 2_000).found, []);
});

Deno.test("stepPulse() does not take a time in which nobody looked for silence", () => {
  const minuteMs = 60_000;
  const [next, finding] = stepPulse(beating, 1, beating.lookedMs + minuteMs, 2_000);
  assertEquals([finding, next.silentMs], [undefined, 2 * BEAT_MS]);
});

Deno.test("stepPulse() ends no worker that still loads its code", () => {
  assertEquals(look(startPulse(7, 0), 6_000, 1_000).found, [["blocked", BLOCKED_AFTER_MS]]);
});
