/**
 * The decisions of a supervisor, as plain functions over its state.
 *
 * @module
 */

import type { ExitReason } from "../envelope.ts";

/**
 * Which children a failure concerns. Those that run are asked to stop, in the
 * reverse order of their declaration, all at once; when the last has ended, all
 * start again in order. One that had finished stays finished.
 *
 * - `"one-for-one"`: the one that ended
 * - `"all-for-one"`: all of them
 * - `"rest-for-one"`: that one and those declared after it
 * - `"simple-one-for-one"`: the one that ended; children are started on request
 *   from one template
 */
export type SupervisorStrategy =
  | "one-for-one"
  | "all-for-one"
  | "rest-for-one"
  | "simple-one-for-one";

/**
 * When a child is started again.
 *
 * - `"permanent"`: always
 * - `"transient"`: unless it ended with `"normal"` or `"shutdown"`
 * - `"temporary"`: never
 */
export type RestartPolicy = "permanent" | "transient" | "temporary";

/** Limits of restarting. */
export interface RestartLimits {
  /** Restarts allowed in `periodMs`; one more stops the supervisor. */
  readonly intensity: number;
  /** In milliseconds. */
  readonly periodMs: number;
  /** Delay before the second restart of a period, in milliseconds; doubles with each further one. */
  readonly backoffMs: number;
  /** Longest delay before a restart, in milliseconds. */
  readonly maxBackoffMs: number;
}

/** One child as the decisions see it. */
export interface ChildState {
  /** Unique within its supervisor. */
  readonly id: string;
  /** When it is started again. */
  readonly restart: RestartPolicy;
  /**
   * `"stopping"`: asked to stop because of another's failure;
   * `"waiting"`: to be started again; `"stopped"`: not to be.
   */
  readonly phase: "running" | "stopping" | "waiting" | "stopped";
}

/** State of a supervisor. */
export interface SupervisionState {
  readonly strategy: SupervisorStrategy;
  readonly limits: RestartLimits;
  /** In the order of their declaration. */
  readonly children: readonly ChildState[];
  /** When restarts happened within the last period, in milliseconds. */
  readonly restartsMs: readonly number[];
}

/** What happened. */
export type SupervisionEvent =
  | {
    readonly kind: "ended";
    readonly id: string;
    readonly reason: ExitReason;
    readonly nowMs: number;
  }
  | { readonly kind: "restart" }
  | { readonly kind: "added"; readonly id: string; readonly restart: RestartPolicy }
  | { readonly kind: "removed"; readonly id: string };

/** What is to be done about it. */
export type SupervisionEffect =
  | { readonly kind: "stop"; readonly id: string }
  | { readonly kind: "start"; readonly id: string }
  | { readonly kind: "restartAfter"; readonly delayMs: number }
  | { readonly kind: "giveUp"; readonly id: string };

type Step = readonly [SupervisionState, readonly SupervisionEffect[]];

/** The next state and what is to be done. */
export function stepSupervision(state: SupervisionState, event: SupervisionEvent): Step {
  switch (event.kind) {
    case "added":
      return [{ ...state, children: [...state.children, { ...event, phase: "running" }] }, []];
    case "removed":
      return removeChild(state, event.id);
    case "restart":
      return startWaiting(state);
    case "ended":
      return childEnded(state, event);
  }
}

function startWaiting(state: SupervisionState): Step {
  // With some still on their way out, the last of them sets the timer again.
  if (state.children.some(({ phase }) => phase === "stopping")) return [state, []];
  const waiting = state.children.filter(({ phase }) => phase === "waiting");
  return [
    setPhase(state, waiting.map(({ id }) => id), "running"),
    waiting.map(({ id }) => ({ kind: "start", id })),
  ];
}

function childEnded(
  state: SupervisionState,
  { id, reason, nowMs }: Extract<SupervisionEvent, { kind: "ended" }>,
): Step {
  const child = state.children.find((candidate) => candidate.id === id);
  if (child === undefined) return [state, []];
  if (child.phase === "stopping") return stoppedForAnother(state, child);
  if (!wantsRestart(child.restart, reason)) {
    const gone = state.strategy === "simple-one-for-one" || child.restart === "temporary";
    return gone ? removeChild(state, id) : [setPhase(state, [id], "stopped"), []];
  }
  const { intensity, periodMs } = state.limits;
  const restartsMs = [...state.restartsMs.filter((atMs) => nowMs - atMs < periodMs), nowMs];
  if (restartsMs.length > intensity) {
    return [setPhase({ ...state, restartsMs }, [id], "stopped"), [{ kind: "giveUp", id }]];
  }
  return restartAffected({ ...state, restartsMs }, id);
}

function restartAffected(state: SupervisionState, id: string): Step {
  const others = affectedBy(state, id)
    .filter((child) => child.id !== id && child.phase === "running")
    .map((child) => child.id);
  const next = setPhase(setPhase(state, [id], "waiting"), others, "stopping");
  const stops = others.toReversed().map((other) => ({ kind: "stop", id: other }) as const);
  return [next, [...stops, ...restartWhenAllStopped(next)]];
}

function stoppedForAnother(state: SupervisionState, { id, restart }: ChildState): Step {
  if (restart === "temporary") return removeChild(state, id);
  const next = setPhase(state, [id], "waiting");
  return [next, restartWhenAllStopped(next)];
}

function removeChild(state: SupervisionState, id: string): Step {
  const children = state.children.filter((child) => child.id !== id);
  const wasAwaited = state.children.some((child) => child.id === id && child.phase === "stopping");
  const next = { ...state, children };
  return [next, wasAwaited ? restartWhenAllStopped(next) : []];
}

/** The last one that had to stop with another sets the timer for all. */
function restartWhenAllStopped(
  { children, limits, restartsMs }: SupervisionState,
): SupervisionEffect[] {
  if (children.some(({ phase }) => phase === "stopping")) return [];
  if (!children.some(({ phase }) => phase === "waiting")) return [];
  return [{ kind: "restartAfter", delayMs: backoff(limits, restartsMs.length) }];
}

/** Delay before the `count`-th restart within a period: none, then doubling. */
export function backoff(limits: RestartLimits, count: number): number {
  if (count <= 1) return 0;
  // Bounded, so that no delay times no end of doublings stays no delay.
  return Math.min(limits.backoffMs * 2 ** Math.min(count - 2, 31), limits.maxBackoffMs);
}

function wantsRestart(policy: RestartPolicy, reason: ExitReason): boolean {
  if (policy === "transient") return reason !== "normal" && reason !== "shutdown";
  return policy === "permanent";
}

function affectedBy({ strategy, children }: SupervisionState, id: string): readonly ChildState[] {
  switch (strategy) {
    case "all-for-one":
      return children;
    case "rest-for-one":
      return children.slice(children.findIndex((child) => child.id === id));
    default:
      return children.filter((child) => child.id === id);
  }
}

function setPhase(
  state: SupervisionState,
  ids: readonly string[],
  phase: ChildState["phase"],
): SupervisionState {
  const concerned = new Set(ids);
  const children = state.children.map((child) =>
    concerned.has(child.id) ? { ...child, phase } : child
  );
  return { ...state, children };
}
