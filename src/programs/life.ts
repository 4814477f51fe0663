/**
 * How a program ends, as plain functions over its state.
 *
 * A program has a process group of its own; signals go to all of it, so that what it has
 * started ends too.
 *
 * @module
 */

/** Times of an end, in milliseconds. */
export const STOP_TIMES: Readonly<
  { closedMs: number; terminatedMs: number; sweptMs: number; reapedMs: number }
> = Object.freeze({
  /** From closing its standard input to SIGTERM. */
  closedMs: 2_000,
  /** From SIGTERM to SIGKILL. */
  terminatedMs: 3_000,
  /** The same for what a program leaves behind that has ended by itself. */
  sweptMs: 500,
  /** From SIGKILL to not waiting any longer: what is left then are entries that nobody reaps. */
  reapedMs: 250,
});

/** Longest that stopping a program takes, in milliseconds. */
export const LONGEST_STOP_MS: number = STOP_TIMES.closedMs + STOP_TIMES.terminatedMs +
  STOP_TIMES.reapedMs;

/** How far a program is. */
export interface LifeState {
  /**
   * - `"closing"`: its standard input is closed, or will be when it has read what is due
   * - `"terminating"`: its group was sent SIGTERM
   * - `"killing"`: its group was sent SIGKILL
   * - `"gone"`: it has ended, and all of its group
   */
  readonly phase: "running" | "closing" | "terminating" | "killing" | "gone";
  /** The program itself has ended; others of its group may be left. */
  readonly hasExited: boolean;
}

/**
 * What happened: it was asked to `stop`, to `terminate` or to `kill` it without delay; it
 * `exited`; its group is `empty`; the timer that was set ran out (`timeout`).
 */
export type LifeEvent = "stop" | "terminate" | "kill" | "exited" | "empty" | "timeout";

/** What is to be done about it. A timer takes the place of the last one. */
export type LifeEffect =
  | { readonly kind: "signal"; readonly signal: "SIGTERM" | "SIGKILL" }
  | { readonly kind: "timer"; readonly delayMs: number }
  | { readonly kind: "gone" };

type Step = readonly [LifeState, readonly LifeEffect[]];

/** A program that has just been started. */
export const STARTED: LifeState = Object.freeze({ phase: "running", hasExited: false });

/** The next state and what is to be done. */
export function stepLife(state: LifeState, event: LifeEvent): Step {
  if (state.phase === "gone") return [state, []];
  switch (event) {
    case "stop":
      return state.phase === "running" ? close(state) : [state, []];
    case "terminate":
      return isLeftAlone(state) ? terminate(state, STOP_TIMES.terminatedMs) : [state, []];
    case "kill":
      return state.phase === "killing" ? [state, []] : kill(state);
    case "exited":
      return exit({ ...state, hasExited: true });
    case "empty":
      return state.hasExited ? gone(state) : [state, []];
    case "timeout":
      return timeOut(state);
  }
}

function isLeftAlone({ phase }: LifeState): boolean {
  return phase === "running" || phase === "closing";
}

function close(state: LifeState): Step {
  return [{ ...state, phase: "closing" }, [{ kind: "timer", delayMs: STOP_TIMES.closedMs }]];
}

function terminate(state: LifeState, delayMs: number): Step {
  const effects = [{ kind: "signal", signal: "SIGTERM" }, { kind: "timer", delayMs }] as const;
  return [{ ...state, phase: "terminating" }, effects];
}

function kill(state: LifeState): Step {
  const delayMs = STOP_TIMES.reapedMs;
  const effects = [{ kind: "signal", signal: "SIGKILL" }, { kind: "timer", delayMs }] as const;
  return [{ ...state, phase: "killing" }, effects];
}

function exit(state: LifeState): Step {
  if (!isLeftAlone(state)) return [state, []];
  const { sweptMs, terminatedMs } = STOP_TIMES;
  return terminate(state, state.phase === "running" ? sweptMs : terminatedMs);
}

function timeOut(state: LifeState): Step {
  if (state.phase === "closing") return terminate(state, STOP_TIMES.terminatedMs);
  if (state.phase === "terminating") return kill(state);
  return state.phase === "killing" ? gone(state) : [state, []];
}

function gone(state: LifeState): Step {
  return [{ ...state, phase: "gone" }, [{ kind: "gone" }]];
}
