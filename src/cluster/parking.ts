/**
 * Messages for shards that are moving: kept for a while, then refused.
 *
 * @module
 */

import { PLACEMENT } from "./limits.ts";

/** Messages that wait for the owner of one shard. */
export interface Parked {
  readonly sinceMs: number;
  readonly count: number;
}

/** Shards that have no owner as far as this node knows. */
export type ParkingState = ReadonlyMap<number, Parked>;

/** What happens to a shard. */
export type ParkingEvent =
  | { readonly type: "moving" | "settled" | "offer"; readonly shard: number }
  | { readonly type: "tick" };

/** What is to be done. */
export type ParkingEffect =
  /** Of an offer: kept in order, or it can be sent now, or there is no room or time left. */
  | { readonly type: "parked" | "direct" | "full"; readonly shard: number }
  /** Sends what was kept to the new owner, before anything new. */
  | { readonly type: "flush"; readonly shard: number }
  /** Kept for too long: dropped and counted. */
  | { readonly type: "drop"; readonly shard: number; readonly lost: number };

/** Keeps up to 1,000 messages for up to 5 s for each moving shard, then `"full"`. */
export function stepParking(
  state: ParkingState,
  event: ParkingEvent,
  nowMs: number,
): readonly [ParkingState, readonly ParkingEffect[]] {
  if (event.type === "tick") return expire(state, nowMs);
  const { type, shard } = event;
  const parked = state.get(shard);
  switch (type) {
    case "moving":
      return parked === undefined
        ? [new Map(state).set(shard, { sinceMs: nowMs, count: 0 }), []]
        : [state, []];
    case "settled": {
      const left = new Map(state);
      left.delete(shard);
      return [left, parked === undefined || parked.count === 0 ? [] : [{ type: "flush", shard }]];
    }
    case "offer": {
      if (parked === undefined) return [state, [{ type: "direct", shard }]];
      const isLate = nowMs - parked.sinceMs >= PLACEMENT.parkedMs;
      if (isLate || parked.count >= PLACEMENT.parkedMessages) {
        return [state, [{ type: "full", shard }]];
      }
      const next = { ...parked, count: parked.count + 1 };
      return [new Map(state).set(shard, next), [{ type: "parked", shard }]];
    }
  }
}

/** The shard goes on moving: what is sent from now on is `"full"`. */
function expire(
  state: ParkingState,
  nowMs: number,
): readonly [ParkingState, readonly ParkingEffect[]] {
  const late = [...state].filter(([, { sinceMs, count }]) =>
    count > 0 && nowMs - sinceMs >= PLACEMENT.parkedMs
  );
  if (late.length === 0) return [state, []];
  const next = new Map(state);
  for (const [shard, parked] of late) next.set(shard, { ...parked, count: 0 });
  return [next, late.map(([shard, { count }]) => ({ type: "drop", shard, lost: count }))];
}
