/**
 * Which rooms and topics this node wants to hear of.
 *
 * @module
 */

import { INTEREST_LINGER_MS } from "./limits.ts";

/** A room or topic that is subscribed to. */
export interface Interest {
  readonly members: number;
  /** When it is given up, unless somebody joins; `undefined` while it has members. */
  readonly leaveAtMs: number | undefined;
}

/** Subscriptions of this node, by subject. */
export type InterestState = ReadonlyMap<string, Interest>;

/** What happens to a room or topic. */
export type InterestEvent =
  | { readonly type: "joined" | "left"; readonly subject: string }
  | { readonly type: "tick" };

/** What is to be done at the carrier. */
export interface InterestEffect {
  readonly type: "subscribe" | "unsubscribe";
  readonly subject: string;
}

/** Subscribes with the first member, and gives up 5 s after the last one has left. */
export function stepInterest(
  state: InterestState,
  event: InterestEvent,
  nowMs: number,
): readonly [InterestState, readonly InterestEffect[]] {
  if (event.type === "tick") return expire(state, nowMs);
  const { subject } = event;
  const found = state.get(subject);
  if (event.type === "joined") {
    const members = (found?.members ?? 0) + 1;
    const next = new Map(state).set(subject, { members, leaveAtMs: undefined });
    return [next, found === undefined ? [{ type: "subscribe", subject }] : []];
  }
  if (found === undefined || found.members === 0) return [state, []];
  const members = found.members - 1;
  const leaveAtMs = members === 0 ? nowMs + INTEREST_LINGER_MS : undefined;
  return [new Map(state).set(subject, { members, leaveAtMs }), []];
}

function expire(
  state: InterestState,
  nowMs: number,
): readonly [InterestState, readonly InterestEffect[]] {
  const over = [...state].filter(([, { leaveAtMs }]) => (leaveAtMs ?? Infinity) <= nowMs);
  if (over.length === 0) return [state, []];
  const left = new Map(state);
  for (const [subject] of over) left.delete(subject);
  return [left, over.map(([subject]) => ({ type: "unsubscribe", subject }))];
}
