/**
 * The way to the owner of one shard, as one node knows it: messages go straight to an owner who
 * has said that it takes them, and wait while there is none.
 *
 * @module
 */

import { PLACEMENT } from "../limits.ts";

/** State of the way to one shard. */
export interface RouteState {
  /** Revision of the owner who has said that it takes messages; 0: nobody has. */
  readonly confirmed: number;
  /** Newest revision whose owner takes no more. */
  readonly over: number;
  /** Revision whose owner was asked, and has not answered; 0: nobody was. */
  readonly asked: number;
  /** Since when messages have had to wait; `undefined` while they need not. */
  readonly sinceMs: number | undefined;
  /** Messages that wait. */
  readonly parked: number;
}

/** What the node knows of the owner. */
export interface RouteView {
  /** What the store has; 0: the shard is nobody's. */
  readonly revision: number;
  /** Whether there is a way to the owner now. */
  readonly isReachable: boolean;
}

/** What happens to a shard. */
export type RouteEvent =
  /** `offer`: a message is to be sent. `look`: what is known of the owner may have changed. */
  | { readonly type: "offer" | "look" | "tick" }
  /** The owner with this fence takes no more: what is sent to it from now on it never sees. */
  | { readonly type: "moving"; readonly fence: number }
  /** Whoever was asked takes messages, or not. */
  | { readonly type: "answer"; readonly revision: number; readonly isReady: boolean }
  /** So many of those that waited were given to the owner. */
  | { readonly type: "sent"; readonly count: number };

/** What is to be done. */
export type RouteEffect =
  /** Of an offer: it can be sent, is kept in order, or there is no room or time left. */
  | { readonly type: "direct" | "parked" | "full" }
  /** Asks the owner of that revision whether it takes messages: answered by `answer`. */
  | { readonly type: "ask"; readonly revision: number }
  /** Gives what waits to the owner, before anything new; answered by `sent`. */
  | { readonly type: "flush" }
  /** Kept for too long: dropped and counted. */
  | { readonly type: "drop"; readonly lost: number }
  /** Whoever watches a process of the shard has to look anew: it moved, or its node is lost. */
  | { readonly type: "unseat"; readonly why: "moved" | "noconnection" };

/** Next state and what is to be done. */
export type RouteStep = readonly [RouteState, readonly RouteEffect[]];

/** A shard that nobody has asked for. */
export const UNKNOWN_ROUTE: RouteState = Object.freeze({
  confirmed: 0,
  over: 0,
  asked: 0,
  sinceMs: undefined,
  parked: 0,
});

/** Decides about the way to one shard: up to 1,000 messages wait, for up to 5 s. */
export function stepRoute(
  state: RouteState,
  event: RouteEvent,
  view: RouteView,
  nowMs: number,
): RouteStep {
  const [current, lost] = settle(state, view);
  const [next, effects] = act(current, event, view, nowMs);
  // One that does not take messages yet is asked again with the next message, or tick.
  const [last, asked] = event.type === "answer" ? [next, []] : ask(next, view);
  return [last, [...lost, ...effects, ...asked]];
}

/** Whether a message can be given to the owner at once. */
export function isDirect({ confirmed, parked }: RouteState): boolean {
  return confirmed !== 0 && parked === 0;
}

function act(state: RouteState, event: RouteEvent, view: RouteView, nowMs: number): RouteStep {
  switch (event.type) {
    case "look":
      return [state, []];
    case "offer":
      return offer(state, nowMs);
    case "moving": {
      const over = Math.max(state.over, event.fence);
      if (state.confirmed === 0 || state.confirmed > over) return [{ ...state, over }, []];
      return [{ ...state, over, confirmed: 0 }, [{ type: "unseat", why: "moved" }]];
    }
    case "answer":
      return answer(state, event, view);
    case "sent": {
      const parked = state.parked - event.count;
      return [{ ...state, parked, sinceMs: parked === 0 ? undefined : state.sinceMs }, []];
    }
    case "tick":
      return expire(state, nowMs);
  }
}

/** An owner that was followed by another, or cannot be reached, takes no more from here. */
function settle(state: RouteState, { revision, isReachable }: RouteView): RouteStep {
  const { confirmed } = state;
  if (confirmed === 0 || confirmed === revision && isReachable) return [state, []];
  const why = confirmed === revision ? "noconnection" : "moved";
  return [{ ...state, confirmed: 0 }, [{ type: "unseat", why }]];
}

function offer(state: RouteState, nowMs: number): RouteStep {
  if (isDirect(state)) return [state, [{ type: "direct" }]];
  const sinceMs = state.sinceMs ?? nowMs;
  const isLate = nowMs - sinceMs >= PLACEMENT.parkedMs;
  if (isLate || state.parked >= PLACEMENT.parkedMessages) {
    return [{ ...state, sinceMs }, [{ type: "full" }]];
  }
  return [{ ...state, sinceMs, parked: state.parked + 1 }, [{ type: "parked" }]];
}

function answer(
  state: RouteState,
  { revision, isReady }: Extract<RouteEvent, { type: "answer" }>,
  view: RouteView,
): RouteStep {
  if (revision !== state.asked) return [state, []];
  const answered = { ...state, asked: 0 };
  const isCurrent = revision === view.revision && view.isReachable && revision > state.over;
  if (!isReady || !isCurrent) return [answered, []];
  const confirmed = { ...answered, confirmed: revision };
  if (state.parked === 0) return [{ ...confirmed, sinceMs: undefined }, []];
  return [confirmed, [{ type: "flush" }]];
}

/** The shard goes on having no owner: what is sent from now on is `"full"`. */
function expire(state: RouteState, nowMs: number): RouteStep {
  const { parked, sinceMs, confirmed } = state;
  if (parked === 0 || nowMs - sinceMs! < PLACEMENT.parkedMs) return [state, []];
  const next = { ...state, parked: 0, sinceMs: confirmed === 0 ? sinceMs : undefined };
  return [next, [{ type: "drop", lost: parked }]];
}

/** Only for who waits: most shards nobody of this node ever sends to. */
function ask(state: RouteState, { revision, isReachable }: RouteView): RouteStep {
  const isDue = state.sinceMs !== undefined && state.confirmed === 0 && state.asked !== revision;
  if (!isDue || !isReachable || revision <= state.over) return [state, []];
  return [{ ...state, asked: revision }, [{ type: "ask", revision }]];
}
