/**
 * Whether a peer can be reached: fast, and taken back when it is heard again.
 *
 * @module
 */

import { REACHABILITY } from "./limits.ts";

/** What is known of one start of a peer. */
export interface ReachabilityState {
  readonly phase: "up" | "suspect" | "down";
  /** Counts how often this link was given up, at either end. */
  readonly linkEpoch: number;
  /** When anything of this epoch arrived. */
  readonly heardMs: number;
  /** Until when everything that was said is known to have arrived. */
  readonly confirmedMs: number;
  /** When the last heartbeat left. */
  readonly beatMs: number;
  /** When the probe that waits for its answer left. */
  readonly probedMs: number | undefined;
}

/** What happens. */
export type ReachabilityEvent =
  | { readonly type: "tick" }
  /** A batch of this incarnation; `isConfirmed` as `stepLink` says. */
  | { readonly type: "heard"; readonly linkEpoch: number; readonly isConfirmed: boolean }
  | { readonly type: "noResponders" | "probeTimedOut" | "probeAnswered" }
  /** The own connection to the broker. */
  | { readonly type: "brokerLost" | "brokerBack" }
  /** Its lease is gone, or another start of it holds it. */
  | { readonly type: "leaseLost" }
  /** This node itself is isolated. */
  | { readonly type: "isolated" };

/** What is to be done. */
export type ReachabilityEffect =
  | { readonly type: "heartbeat" | "probe" }
  /** All monitors and links on it fire with `noconnection`; what is unconfirmed is lost. */
  | { readonly type: "nodeDown" }
  /** The link begins anew, with this epoch: `openLink`. */
  | { readonly type: "relink"; readonly linkEpoch: number }
  /** Each side has heard the other in this epoch. */
  | { readonly type: "nodeUp" }
  /** What arrived belongs to a link that was given up: counted, dropped. */
  | { readonly type: "stale" };

/** Next state and what is to be done. */
export type ReachabilityStep = readonly [ReachabilityState, readonly ReachabilityEffect[]];

const NOTHING: readonly ReachabilityEffect[] = [];
const BEAT: readonly ReachabilityEffect[] = [{ type: "heartbeat" }];
const PROBE: readonly ReachabilityEffect[] = [{ type: "probe" }];
const BEAT_AND_PROBE: readonly ReachabilityEffect[] = [...BEAT, ...PROBE];

/** A peer that was just announced. It is down until it is heard. */
export function startReachability(nowMs: number): ReachabilityState {
  return {
    phase: "down",
    linkEpoch: 1,
    heardMs: nowMs,
    confirmedMs: nowMs,
    beatMs: -Infinity,
    probedMs: undefined,
  };
}

/** Decides about one peer. `isBrokerAway`: this node has no connection of its own now. */
export function stepReachability(
  state: ReachabilityState,
  event: ReachabilityEvent,
  isBrokerAway: boolean,
  nowMs: number,
): ReachabilityStep {
  switch (event.type) {
    case "heard":
      return heard(state, event, nowMs);
    case "tick":
      return isBrokerAway ? [state, NOTHING] : tick(state, nowMs);
    case "noResponders":
      // An answer about somebody who was heard since proves nothing, nor does one while away.
      return isBrokerAway || state.probedMs === undefined ? [state, NOTHING] : goDown(state);
    case "probeTimedOut":
      return state.phase === "up" && state.probedMs !== undefined && !isBrokerAway
        ? [{ ...state, phase: "suspect" }, NOTHING]
        : [state, NOTHING];
    case "probeAnswered":
      return [{ ...state, probedMs: undefined }, NOTHING];
    case "brokerLost":
      return state.phase === "up" ? [{ ...state, phase: "suspect" }, NOTHING] : [state, NOTHING];
    case "brokerBack":
      // The time without a connection of its own says nothing about the peer.
      return [{ ...state, heardMs: nowMs, confirmedMs: nowMs, probedMs: undefined }, NOTHING];
    case "leaseLost":
    case "isolated":
      return goDown(state);
  }
}

function heard(
  state: ReachabilityState,
  { linkEpoch, isConfirmed }: Extract<ReachabilityEvent, { type: "heard" }>,
  nowMs: number,
): ReachabilityStep {
  if (linkEpoch < state.linkEpoch) return [state, [{ type: "stale" }]];
  // The peer has given the old link up: whatever hangs on it is over here as well.
  if (linkEpoch > state.linkEpoch) {
    const [down, effects] = giveUp(state, linkEpoch);
    return [{ ...down, heardMs: nowMs }, effects];
  }
  const confirmedMs = isConfirmed ? nowMs : state.confirmedMs;
  // Being heard is not enough to be up: over a link that goes one way, nothing would arrive.
  if (state.phase === "down") {
    const phase = isConfirmed ? "up" : "down";
    const effects: readonly ReachabilityEffect[] = isConfirmed ? [{ type: "nodeUp" }] : NOTHING;
    return [{ ...state, phase, heardMs: nowMs, confirmedMs }, effects];
  }
  const isBack = nowMs - confirmedMs < REACHABILITY.unconfirmedAfterMs;
  const phase = isBack ? "up" : state.phase;
  const probedMs = isBack ? undefined : state.probedMs;
  return [{ ...state, phase, heardMs: nowMs, confirmedMs, probedMs }, NOTHING];
}

function tick(state: ReachabilityState, nowMs: number): ReachabilityStep {
  const { heartbeatMs, probeAfterMs, unconfirmedAfterMs, downAfterMs } = REACHABILITY;
  const unheardMs = nowMs - state.heardMs;
  const unconfirmedMs = nowMs - state.confirmedMs;
  if (state.phase !== "down" && Math.max(unheardMs, unconfirmedMs) >= downAfterMs) {
    return goDown(state);
  }
  const isBeatDue = nowMs - state.beatMs >= heartbeatMs;
  const isQuiet = unheardMs >= probeAfterMs || unconfirmedMs >= unconfirmedAfterMs;
  const isProbeDue = state.phase !== "down" && isQuiet &&
    nowMs - (state.probedMs ?? -Infinity) >= heartbeatMs;
  if (!isBeatDue && !isProbeDue) return [state, NOTHING];
  const effects = isBeatDue ? isProbeDue ? BEAT_AND_PROBE : BEAT : PROBE;
  const beatMs = isBeatDue ? nowMs : state.beatMs;
  return [{ ...state, beatMs, probedMs: isProbeDue ? nowMs : state.probedMs }, effects];
}

/** Once: only a link of a later epoch is up again. */
function goDown(state: ReachabilityState): ReachabilityStep {
  return state.phase === "down" ? [state, NOTHING] : giveUp(state, state.linkEpoch + 1);
}

function giveUp(state: ReachabilityState, linkEpoch: number): ReachabilityStep {
  const effects: ReachabilityEffect[] = state.phase === "down" ? [] : [{ type: "nodeDown" }];
  effects.push({ type: "relink", linkEpoch });
  return [{ ...state, phase: "down", linkEpoch, probedMs: undefined }, effects];
}
