/**
 * Ownership of a node's name: a lease in the store, and when it is no longer good.
 *
 * @module
 */

import type { LeaseLimits } from "./limits.ts";

/** What stands in the store under `n.<name>`. */
export interface LeaseRecord {
  readonly node: string;
  readonly incarnation: string;
  /** Counts the leases that this incarnation has had: what was owned under another one is lost. */
  readonly session: number;
  readonly pid: number;
  /** Milliseconds since 1970, for whoever is refused. */
  readonly sinceMs: number;
  /** Names of the keyed processes that the node takes shards of. */
  readonly groups?: readonly string[];
}

/** A record with the revision that it has in the store. */
export interface StoredLease {
  readonly record: LeaseRecord;
  readonly revision: number;
}

/** State of the own lease. */
export interface LeaseState {
  readonly phase: "starting" | "held" | "isolated" | "refused" | "stopped";
  /** What this node writes; its session is the one that is held or asked for. */
  readonly record: LeaseRecord;
  /** Of the last write that is known: the fence. 0 before the first. */
  readonly revision: number;
  /** When the last write that went well was sent; the lease is counted from there. */
  readonly goodSinceMs: number;
  /** Since when the store is connected; `undefined` while it is away. */
  readonly connectedSinceMs: number | undefined;
  /** When the last write was sent; its answer is told by this. */
  readonly askedMs: number | undefined;
}

/** What happens to a lease. */
export type LeaseEvent =
  | { readonly type: "connected" | "disconnected" | "tick" }
  /** Clean: the name is free at once. */
  | { readonly type: "stop" }
  /** It takes shards of the keyed processes of these names from now on. */
  | { readonly type: "offer"; readonly groups: readonly string[] }
  | { readonly type: "written"; readonly askedMs: number; readonly revision: number }
  | {
    readonly type: "conflict";
    readonly askedMs: number;
    /** What stands there; nothing if it is gone. */
    readonly found: StoredLease | undefined;
    /** The holder ran on this machine, and its process has ended. */
    readonly isHolderDead: boolean;
  };

/** What is to be done. A write is answered by `written`, `conflict`, or never. */
export type LeaseEffect =
  | {
    readonly type: "write";
    readonly record: LeaseRecord;
    /** Revision that must stand there; 0: nothing may. */
    readonly expected: number;
    readonly askedMs: number;
  }
  | { readonly type: "delete"; readonly expected: number }
  /** From now on globals and keyed processes of this session may run. */
  | { readonly type: "owned"; readonly session: number }
  /** They must have ended; then `noconnection` fires for all, once. */
  | { readonly type: "isolated" }
  /** A live node has the name. */
  | { readonly type: "refused"; readonly holder: LeaseRecord };

const NOTHING: readonly LeaseEffect[] = [];

/** Next state and what is to be done. */
export type LeaseStep = readonly [LeaseState, readonly LeaseEffect[]];

/** A node that has not asked for its name. */
export function startLease(record: Omit<LeaseRecord, "session">): LeaseState {
  return {
    phase: "starting",
    record: { ...record, session: 1 },
    revision: 0,
    goodSinceMs: -Infinity,
    connectedSinceMs: undefined,
    askedMs: undefined,
  };
}

/**
 * Whether the node may act as the owner of its name now. It asks the clock: a
 * node that was stopped for long has not heard of the end of its lease.
 */
export function holdsLease(state: LeaseState, limits: LeaseLimits, nowMs: number): boolean {
  return state.phase === "held" && nowMs - state.goodSinceMs < limits.isolatedAfterMs;
}

/**
 * Whether a missing lease of another node means anything: after one whole TTL
 * of being connected, its holder has had the time to renew it.
 */
export function mayJudgeOthers(state: LeaseState, limits: LeaseLimits, nowMs: number): boolean {
  return state.connectedSinceMs !== undefined && nowMs - state.connectedSinceMs >= limits.ttlMs;
}

/** Decides about the own lease. Time is monotonic, in milliseconds. */
export function stepLease(
  state: LeaseState,
  event: LeaseEvent,
  limits: LeaseLimits,
  nowMs: number,
): LeaseStep {
  if (state.phase === "refused" || state.phase === "stopped") return [state, NOTHING];
  if (event.type === "stop") return stop(state);
  // Before anything else: an answer that comes too late must not revive the session.
  const isExpired = state.phase === "held" && !holdsLease(state, limits, nowMs);
  if (!isExpired) return stepLive(state, event, limits, nowMs);
  const [current, effects] = isolate(state);
  const [next, more] = stepLive(current, event, limits, nowMs);
  return [next, [...effects, ...more]];
}

function stepLive(
  state: LeaseState,
  event: Exclude<LeaseEvent, { type: "stop" }>,
  limits: LeaseLimits,
  nowMs: number,
): LeaseStep {
  switch (event.type) {
    case "connected": {
      const connectedSinceMs = state.connectedSinceMs ?? nowMs;
      return ask({ ...state, connectedSinceMs }, nowMs);
    }
    case "disconnected":
      return [{ ...state, connectedSinceMs: undefined, askedMs: undefined }, NOTHING];
    case "offer": {
      const next = { ...state, record: { ...state.record, groups: event.groups } };
      return state.connectedSinceMs === undefined ? [next, NOTHING] : ask(next, nowMs);
    }
    case "tick":
      return isDue(state, limits, nowMs) ? ask(state, nowMs) : [state, NOTHING];
    case "written":
      return written(state, event, limits, nowMs);
    case "conflict":
      return event.askedMs === state.askedMs ? conflict(state, event, nowMs) : [state, NOTHING];
  }
}

function stop(state: LeaseState): LeaseStep {
  const effects: LeaseEffect[] = state.phase === "held"
    ? [{ type: "delete", expected: state.revision }]
    : [];
  return [{ ...state, phase: "stopped" }, effects];
}

function isDue({ connectedSinceMs, askedMs }: LeaseState, limits: LeaseLimits, nowMs: number) {
  return connectedSinceMs !== undefined && nowMs - (askedMs ?? -Infinity) >= limits.renewMs;
}

function ask(state: LeaseState, nowMs: number): LeaseStep {
  const { record, revision } = state;
  const write = { type: "write", record, expected: revision, askedMs: nowMs } as const;
  return [{ ...state, askedMs: nowMs }, [write]];
}

function written(
  state: LeaseState,
  { askedMs, revision }: Extract<LeaseEvent, { type: "written" }>,
  limits: LeaseLimits,
  nowMs: number,
): LeaseStep {
  // An older answer is overtaken; one that took too long proves a lease that may have ended.
  if (askedMs !== state.askedMs) return [state, NOTHING];
  const next: LeaseState = { ...state, revision, goodSinceMs: askedMs };
  if (nowMs - askedMs >= limits.isolatedAfterMs) return ask(state, nowMs);
  if (state.phase === "held") return [next, NOTHING];
  return [{ ...next, phase: "held" }, [{ type: "owned", session: state.record.session }]];
}

function conflict(
  state: LeaseState,
  { found, isHolderDead }: Extract<LeaseEvent, { type: "conflict" }>,
  nowMs: number,
): LeaseStep {
  // The answer to a write of its own was lost: the write was not.
  const isMine = found?.record.incarnation === state.record.incarnation;
  if (isMine && found.record.session === state.record.session) {
    return ask({ ...state, revision: found.revision }, nowMs);
  }
  const [lost, effects] = state.phase === "held" ? isolate(state) : [state, NOTHING];
  if (found === undefined || isMine || isHolderDead) {
    const [next, more] = ask({ ...lost, revision: found?.revision ?? 0 }, nowMs);
    return [next, [...effects, ...more]];
  }
  // Whoever has been isolated goes on locally, and asks again.
  if (lost.phase !== "starting") return [{ ...lost, revision: 0 }, effects];
  return [{ ...lost, phase: "refused" }, [{ type: "refused", holder: found.record }]];
}

/** The session is over; the next lease is another one. */
function isolate(state: LeaseState): LeaseStep {
  const record = { ...state.record, session: state.record.session + 1 };
  return [{ ...state, phase: "isolated", record, askedMs: undefined }, [{ type: "isolated" }]];
}
