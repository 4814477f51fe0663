/**
 * Ownership of one key, a global name or a shard: compare-and-set decides.
 *
 * @module
 */

/** Who owns a key: one session of one start of one node. */
export interface Owner {
  readonly node: string;
  readonly incarnation: string;
  readonly session: number;
}

/** What stands in the store under a key. */
export interface ClaimEntry {
  readonly owner: Owner;
  /** The fence of the owner who handed the key over to this one; absent if nobody did. */
  readonly from?: number | undefined;
  /** The fencing token of its owner. */
  readonly revision: number;
}

/** State of one key on one node. */
export interface ClaimState {
  readonly phase: "idle" | "claiming" | "held" | "draining";
  /** As it was last seen; `undefined` if there is none. */
  readonly entry: ClaimEntry | undefined;
  /** Of the last change that was seen. */
  readonly seenRevision: number;
  /** The last that was given back: it must never be run again, whether or not that arrived. */
  readonly releasedRevision: number;
  /** Whom it was given to with that; nobody: it is free. */
  readonly releasedTo: Owner | undefined;
  /** Of the session that claims or holds it. */
  readonly session: number;
  /** What every act in its name carries; 0 if it is not held. */
  readonly fence: number;
  /** Of the last claim, or of the beginning of the draining. */
  readonly sinceMs: number;
}

/** What a node knows when it decides about a key. */
export interface ClaimView {
  readonly self: Owner;
  /** Whether `self` holds its lease now. */
  readonly holdsLease: boolean;
  /** Whether a missing lease means anything by now. */
  readonly mayJudgeOthers: boolean;
  /** Whether this session of a node has its lease. */
  isOwnerAlive(owner: Owner): boolean;
  /** Place among the candidates, 0 is first; `undefined`: the key is not for this node. */
  readonly rank: number | undefined;
  /** Nobody but the first candidate takes it: so it is with shards, not with names. */
  readonly isForFirstOnly: boolean;
  /** It belongs elsewhere, and is among those that may move now: see `chooseMoves`. */
  readonly givesAway: boolean;
  /** Bound of the draining, in milliseconds. */
  readonly drainMs: number;
  /** A candidate waits so long for each one before it, and for an answer, in milliseconds. */
  readonly patienceMs: number;
}

/** What happens to a key. */
export type ClaimEvent =
  | { readonly type: "tick" | "stop" }
  /** It has ended its work; `to` has got what is left of it, and is to go on with it. */
  | { readonly type: "drained"; readonly to?: Owner | undefined }
  /**
   * A watcher saw a change: a new owner, or that there is none any more. One that begins
   * to watch also tells of each key that is missing, with the newest revision it knows.
   */
  | {
    readonly type: "seen";
    readonly revision: number;
    readonly owner: Owner | undefined;
    readonly from?: number | undefined;
  }
  | { readonly type: "claimed"; readonly revision: number; readonly session: number }
  /** Another revision stands there, or none. */
  | { readonly type: "refused"; readonly found: ClaimEntry | undefined };

/** What is to be done. */
export type ClaimEffect =
  /** Answered by `claimed`, `refused`, or never. */
  | { readonly type: "claim"; readonly owner: Owner; readonly expected: number }
  /** What was claimed runs, with this fence; `from` is that of the owner who gave it. */
  | { readonly type: "run"; readonly fence: number; readonly from?: number }
  /** Takes nothing new, ends its work, then `drained`. */
  | { readonly type: "drain" }
  /** Has ended now, whatever it does. */
  | { readonly type: "end" }
  /** Gives it away: to another owner, or to nobody. */
  | { readonly type: "release"; readonly expected: number; readonly to?: Owner };

const NOTHING: readonly ClaimEffect[] = [];

/** Next state and what is to be done. */
export type ClaimStep = readonly [ClaimState, readonly ClaimEffect[]];

/** A key that nothing is known of. */
export const UNCLAIMED: ClaimState = Object.freeze({
  phase: "idle",
  entry: undefined,
  seenRevision: 0,
  releasedRevision: 0,
  releasedTo: undefined,
  session: 0,
  fence: 0,
  sinceMs: -Infinity,
});

/** The fence under which this node may act for the key now, if it may. */
export function fenceOf(state: ClaimState, view: Pick<ClaimView, "self" | "holdsLease">) {
  const { fence, session } = state;
  return fence !== 0 && view.holdsLease && session === view.self.session ? fence : undefined;
}

/** Decides about one key. */
export function stepClaim(
  state: ClaimState,
  event: ClaimEvent,
  view: ClaimView,
  nowMs: number,
): ClaimStep {
  const [current, ended] = endIfLost(state, view);
  const step = act(current, event, view, nowMs);
  return ended.length === 0 ? step : [step[0], [...ended, ...step[1]]];
}

function act(state: ClaimState, event: ClaimEvent, view: ClaimView, nowMs: number): ClaimStep {
  switch (event.type) {
    case "seen":
      return seen(state, event, view, nowMs);
    case "claimed":
      return claimed(state, event, view);
    case "refused":
      return refused(state, event.found);
    case "drained":
      return state.phase === "draining" ? release(state, [], event.to) : [state, NOTHING];
    case "stop":
      return state.fence === 0 ? [{ ...state, phase: "idle" }, NOTHING] : startDrain(state, nowMs);
    case "tick":
      return tick(state, view, nowMs);
  }
}

/** Without its lease, or with one of another session, a node owns nothing. */
function endIfLost(state: ClaimState, view: ClaimView): ClaimStep {
  if (state.fence === 0 || fenceOf(state, view) !== undefined) return [state, NOTHING];
  return [{ ...state, phase: "idle", fence: 0 }, [{ type: "end" }]];
}

function seen(
  state: ClaimState,
  { revision, owner, from }: Extract<ClaimEvent, { type: "seen" }>,
  view: ClaimView,
  nowMs: number,
): ClaimStep {
  if (revision < state.seenRevision) return [state, NOTHING];
  const given = from === undefined ? {} : { from };
  const entry = owner === undefined ? undefined : { owner, revision, ...given };
  const known: ClaimState = { ...state, entry, seenRevision: revision };
  const isMine = owner !== undefined && isSame(owner, view.self);
  if (state.fence !== 0 && !isMine) {
    return [{ ...known, phase: "idle", fence: 0 }, [{ type: "end" }]];
  }
  const isOpen = state.fence === 0 && revision > state.releasedRevision;
  if (!isMine || !isOpen || !view.holdsLease) return [known, NOTHING];
  // It was given to this session; or the answer to its claim was lost, and the claim was not.
  return run({ ...known, sinceMs: nowMs }, revision, view, given);
}

function claimed(
  state: ClaimState,
  { revision, session }: Extract<ClaimEvent, { type: "claimed" }>,
  view: ClaimView,
): ClaimStep {
  const isCurrent = session === view.self.session && view.holdsLease;
  if (!isCurrent || state.phase !== "claiming") return [state, NOTHING];
  const entry = { owner: view.self, revision };
  return run({ ...state, entry, seenRevision: revision }, revision, view);
}

/** A watcher that was away has not seen what was deleted meanwhile: the refusal tells it. */
function refused(state: ClaimState, found: ClaimEntry | undefined): ClaimStep {
  if (state.phase !== "claiming") return [state, NOTHING];
  if ((found?.revision ?? Infinity) < state.seenRevision) {
    return [{ ...state, phase: "idle" }, NOTHING];
  }
  const seenRevision = found?.revision ?? state.seenRevision;
  return [{ ...state, phase: "idle", entry: found, seenRevision }, NOTHING];
}

function run(
  state: ClaimState,
  fence: number,
  { self }: ClaimView,
  given: { readonly from?: number } = {},
): ClaimStep {
  const next: ClaimState = { ...state, phase: "held", fence, session: self.session };
  return [next, [{ type: "run", fence, ...given }]];
}

function tick(state: ClaimState, view: ClaimView, nowMs: number): ClaimStep {
  const waitedMs = nowMs - state.sinceMs;
  switch (state.phase) {
    case "held":
      return view.givesAway ? startDrain(state, nowMs) : [state, NOTHING];
    case "draining":
      return waitedMs >= view.drainMs ? release(state, [{ type: "end" }]) : [state, NOTHING];
    case "claiming":
      return waitedMs >= view.patienceMs
        ? [{ ...state, phase: "idle" }, NOTHING]
        : [state, NOTHING];
    case "idle":
      return claim(state, view, nowMs);
  }
}

function claim(state: ClaimState, view: ClaimView, nowMs: number): ClaimStep {
  const { entry } = state;
  const { rank, self } = view;
  if (rank === undefined || !view.holdsLease) return [state, NOTHING];
  if (entry !== undefined && entry.revision === state.releasedRevision) {
    // What gave it back may have been lost.
    return isPatienceOver(state, 1, view, nowMs)
      ? release({ ...state, fence: entry.revision, sinceMs: nowMs }, [], state.releasedTo)
      : [state, NOTHING];
  }
  if (view.isForFirstOnly && rank !== 0) return [state, NOTHING];
  // What nobody has is the store's to give; what somebody has is judged by a missing lease.
  if (entry !== undefined && isLeftToOwner(entry.owner, view)) return [state, NOTHING];
  // Only to spare the store: whoever comes second is refused by it.
  if (state.sinceMs === -Infinity) return [{ ...state, sinceMs: nowMs }, NOTHING];
  if (!isPatienceOver(state, rank, view, nowMs)) return [state, NOTHING];
  const effect = { type: "claim", owner: self, expected: entry?.revision ?? 0 } as const;
  return [{ ...state, phase: "claiming", session: self.session, sinceMs: nowMs }, [effect]];
}

function startDrain(state: ClaimState, nowMs: number): ClaimStep {
  if (state.phase === "draining") return [state, NOTHING];
  return [{ ...state, phase: "draining", sinceMs: nowMs }, [{ type: "drain" }]];
}

/** Whoever holds the lease of a name knows that none of its earlier sessions does. */
function isLeftToOwner(owner: Owner, view: ClaimView): boolean {
  if (owner.node === view.self.node) return isSame(owner, view.self);
  return !view.mayJudgeOthers || view.isOwnerAlive(owner);
}

function release(
  state: ClaimState,
  before: readonly ClaimEffect[] = [],
  to?: Owner,
): ClaimStep {
  const expected = state.fence;
  const effect = { type: "release", expected, ...to === undefined ? {} : { to } } as const;
  return [
    { ...state, phase: "idle", fence: 0, releasedRevision: expected, releasedTo: to },
    [...before, effect],
  ];
}

function isPatienceOver({ sinceMs }: ClaimState, turns: number, view: ClaimView, nowMs: number) {
  return nowMs - sinceMs >= turns * view.patienceMs;
}

function isSame(a: Owner, b: Owner): boolean {
  return a.node === b.node && a.incarnation === b.incarnation && a.session === b.session;
}
