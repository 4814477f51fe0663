/**
 * Monitors and links on actors of other nodes, as the watcher's side keeps them.
 *
 * @module
 */

import type { Address, ExitReason, Ref } from "../actor/mod.ts";

/** One monitor on something elsewhere. */
export interface Watch {
  readonly node: string;
  readonly watcher: Address;
  readonly target: Address;
}

/** Monitors that have not fired, by their `ref`. */
export type WatchState = ReadonlyMap<Ref, Watch>;

/** What happens to monitors. */
export type WatchEvent =
  | ({ readonly type: "watch"; readonly ref: Ref; readonly isReachable: boolean } & Watch)
  | { readonly type: "unwatch"; readonly ref: Ref }
  /** The target's side says that it has ended. */
  | { readonly type: "down"; readonly ref: Ref; readonly reason: ExitReason }
  | { readonly type: "nodeDown"; readonly node: string }
  | { readonly type: "isolated" };

/** Who is told. Each `ref` fires at most once, whatever arrives. */
export interface WatchEffect {
  readonly type: "fire";
  readonly ref: Ref;
  readonly watch: Watch;
  readonly reason: ExitReason;
}

/** Decides about the monitors of this node on others. */
export function stepWatches(
  state: WatchState,
  event: WatchEvent,
): readonly [WatchState, readonly WatchEffect[]] {
  switch (event.type) {
    case "watch": {
      const { type: _type, ref, isReachable, ...watch } = event;
      if (!isReachable) return [state, [fire(ref, watch, "noconnection")]];
      return [new Map(state).set(ref, watch), []];
    }
    case "unwatch":
      return takeOut(state, [event.ref], undefined);
    case "down":
      return takeOut(state, [event.ref], event.reason);
    case "nodeDown": {
      const refs = [...state].filter(([, { node }]) => node === event.node).map(([ref]) => ref);
      return takeOut(state, refs, "noconnection");
    }
    case "isolated":
      return takeOut(state, [...state.keys()], "noconnection");
  }
}

/** The ref is taken out before it is told: what comes later finds nothing. */
function takeOut(
  state: WatchState,
  refs: readonly Ref[],
  reason: ExitReason | undefined,
): readonly [WatchState, readonly WatchEffect[]] {
  const left = new Map(state);
  const effects: WatchEffect[] = [];
  for (const ref of refs) {
    const watch = left.get(ref);
    if (left.delete(ref) && reason !== undefined) effects.push(fire(ref, watch!, reason));
  }
  return [left, effects];
}

function fire(ref: Ref, watch: Watch, reason: ExitReason): WatchEffect {
  return { type: "fire", ref, watch, reason };
}
