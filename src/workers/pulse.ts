/**
 * Whether a thread still turns its event loop, told from a counter that it counts up.
 *
 * @module
 */

/** How often a worker counts up and is looked at, in milliseconds. */
export const BEAT_MS = 500;

/** Without a beat for so long a worker is told of as blocked, in milliseconds. */
export const BLOCKED_AFTER_MS = 5_000;

/** Least time after which a blocked worker may be ended, in milliseconds: some beats. */
export const LEAST_KILL_MS = 1_000;

/** What is known of one worker's counter. */
export interface Pulse {
  readonly beats: number;
  /** Whether it has counted since its start: before, it loads its code. */
  readonly hasBegun: boolean;
  /** Since the last beat, as far as this thread was there to see it, in milliseconds. */
  readonly silentMs: number;
  /** When it was looked at last. */
  readonly lookedMs: number;
}

/** What is to be done about it. */
export type Finding = "blocked" | "kill" | undefined;

/** A worker that begins; the counter goes on from the one before it. */
export function startPulse(beats: number, nowMs: number): Pulse {
  return { beats, hasBegun: false, silentMs: 0, lookedMs: nowMs };
}

/**
 * Looks at a counter. A blocked worker is told of each 5 s; it is to be ended once it was silent
 * for `killAfterMs`, if there is one.
 */
export function stepPulse(
  pulse: Pulse,
  beats: number,
  nowMs: number,
  killAfterMs: number | undefined,
): readonly [Pulse, Finding] {
  if (beats !== pulse.beats) {
    return [{ beats, hasBegun: true, silentMs: 0, lookedMs: nowMs }, undefined];
  }
  // While the whole process was stopped, or this thread was busy, nobody could see a beat.
  const passedMs = Math.min(nowMs - pulse.lookedMs, 2 * BEAT_MS);
  const silentMs = pulse.silentMs + passedMs;
  const next = { ...pulse, silentMs, lookedMs: nowMs };
  if (pulse.hasBegun && killAfterMs !== undefined && silentMs >= killAfterMs) return [next, "kill"];
  const count = (ms: number) => Math.floor(ms / BLOCKED_AFTER_MS);
  return [next, count(silentMs) > count(pulse.silentMs) ? "blocked" : undefined];
}
