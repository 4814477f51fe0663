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
      return isBrokerAway ? [state, []] : tick(state, nowMs);
    case "noResponders":
      // An answer about somebody who was heard since proves nothing, nor does one while away.
      return isBrokerAway || state.probedMs === undefined ? [state, []] : goDown(state);
    case "probeTimedOut":
      return state.phase === "up" && state.probedMs !== undefined && !isBrokerAway
        ? [{ ...state, phase: "suspect" }, []]
        : [state, []];
    case "probeAnswered":
      return [{ ...state, probedMs: undefined }, []];
    case "brokerLost":
      return state.phase === "up" ? [{ ...state, phase: "suspect" }, []] : [state, []];
    case "brokerBack":
      // The time without a connection of its own says nothing about the peer.
      return [{ ...state, heardMs: nowMs, confirmedMs: nowMs, probedMs: undefined }, []];
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
  const next = { ...state, heardMs: nowMs, confirmedMs };
  // Being heard is not enough to be up: over a link that goes one way, nothing would arrive.
  if (state.phase === "down") {
    return isConfirmed ? [{ ...next, phase: "up" }, [{ type: "nodeUp" }]] : [next, []];
  }
  const isBack = nowMs - confirmedMs < REACHABILITY.unconfirmedAfterMs;
  return [isBack ? { ...next, phase: "up", probedMs: undefined } : next, []];
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
  const effects: ReachabilityEffect[] = [];
  if (isBeatDue) effects.push({ type: "heartbeat" });
  if (isProbeDue) effects.push({ type: "probe" });
  if (effects.length === 0) return [state, effects];
  const beatMs = isBeatDue ? nowMs : state.beatMs;
  return [{ ...state, beatMs, probedMs: isProbeDue ? nowMs : state.probedMs }, effects];
}

/** Once: only a link of a later epoch is up again. */
function goDown(state: ReachabilityState): ReachabilityStep {
  return state.phase === "down" ? [state, []] : giveUp(state, state.linkEpoch + 1);
}

function giveUp(state: ReachabilityState, linkEpoch: number): ReachabilityStep {
  const effects: ReachabilityEffect[] = state.phase === "down" ? [] : [{ type: "nodeDown" }];
  effects.push({ type: "relink", linkEpoch });
  return [{ ...state, phase: "down", linkEpoch, probedMs: undefined }, effects];
}
