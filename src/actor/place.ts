/**
 * What a placement of keyed processes does on a node.
 *
 * @module
 */

import type { Cell } from "./cell.ts";
import type { Delivery } from "./delivery.ts";
import type { Alias, Ref } from "./identities.ts";
import type { Placement, PlacementHost } from "./placement.ts";
import type { Router } from "./router.ts";
import type { Ties } from "./ties.ts";
import type { Node } from "./types.ts";

/** What it works on. */
export interface PlaceHost {
  readonly router: Router;
  readonly delivery: Delivery;
  readonly ties: Ties;
  createAlias(): Alias;
  createRef(): Ref;
}

/** Of each node. */
const hosts = new WeakMap<Node, PlaceHost>();

/** Lets clusters place the keyed processes of a node. */
export function allowPlacing(node: Node, host: PlaceHost): void {
  hosts.set(node, host);
}

/**
 * Lets `placement` decide where the keyed processes of the names that it knows live.
 *
 * @throws {TypeError} If the node was not made by `createNode`.
 */
export function placeKeyed(node: Node, placement: Placement): PlacementHost {
  const host = hosts.get(node);
  if (host === undefined) {
    throw new TypeError("Cannot place keyed processes: expected a node of createNode()");
  }
  host.router.place(placement);
  return hostPlacement(host);
}

function hostPlacement(host: PlaceHost): PlacementHost {
  const { router, delivery, ties } = host;
  return {
    group: (name) => router.group(name),
    remote: (name) => router.remotes.get(name),
    get remotes() {
      return [...router.remotes.keys()];
    },
    createAlias: () => host.createAlias(),
    createRef: () => host.createRef(),
    // On this node whoever takes a message is an actor.
    deliver: (to, envelope, beyondBound = false) =>
      delivery.deliver(to as Cell, envelope, beyondBound),
    answer: (ref, answer) => void delivery.answer(ref, answer),
    watch: (ref, watcher, target) => ties.watch(ref, watcher, target),
    end: (seat, reason, detail) => ties.end(seat, reason, detail),
  };
}
