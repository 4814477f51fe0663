/**
 * Keyed processes of which each lives on one of several nodes: what a cluster decides about
 * them, and what it needs of a node for it.
 *
 * @module
 */

import type { Envelope, SendResult } from "./envelope.ts";
import type { Address, Alias, Ref } from "./identities.ts";
import type { KeyedProcesses, KeyPlaces } from "./keyed/places.ts";
import type { Answer, Peer, Recipient, Refusal, RemoteNode } from "./peer.ts";

/** What an address of a seat stands for. */
export interface PlacedName {
  /** `NAME/KEY`. */
  readonly name: string;
  /** Whether its process has been handed over to another node since: then the name leads there. */
  readonly hasMoved: boolean;
}

/** Decides where the process of a key lives. */
export interface Placement {
  /** Who takes messages for `NAME/KEY`, or why nobody does; `undefined`: NAME is not placed. */
  find(group: string, key: string): Recipient | Refusal | undefined;
  /**
   * What stands here for the process of a key, wherever it lives, for those who watch it: it
   * ends when the process does, or moves. With `starts` the process is started, if it is to be
   * on this node and there is none.
   */
  seat(group: string, key: string, starts: boolean): Peer | Refusal | undefined;
  /** The seat that an address is that of, while it has not ended. */
  seatOf(address: string): Peer | undefined;
  /** What an address stands for, for some seconds after the end of the seat too. */
  placed(address: string): PlacedName | undefined;
  /** Who takes what another node has sent for `NAME/KEY`: somebody of this node, or nobody. */
  arrive(group: string, key: string): Peer | Refusal | undefined;
  /** How the keyed processes of a name are placed, where they are. */
  placesOf(group: string): KeyPlaces | undefined;
  /** A node is reachable. */
  attached(node: string): void;
  /** It is not any more. */
  detached(node: string): void;
  /** Some of what was said to a node did not arrive there: what is watched there is said again. */
  repeat(node: string): void;
}

/** What a placement works on. */
export interface PlacementHost {
  /** The keyed processes of a name that this node has. */
  group(name: string): KeyedProcesses | undefined;
  /** A node that is reachable. */
  remote(name: string): RemoteNode | undefined;
  /** All of them. */
  readonly remotes: readonly string[];
  createAlias(): Alias;
  createRef(): Ref;
  /** Gives an actor of this node an envelope; with `replyTo` it is a call of this node. */
  deliver(to: Peer, envelope: Envelope, beyondBound?: boolean): SendResult;
  /** Settles a call of this node that was to go to another one. */
  answer(ref: Ref, answer: Answer): void;
  /** `watcher`, a seat, is to be told of the end of a target. */
  watch(ref: Ref, watcher: Address, target: Address): void;
  /** A seat has ended: whoever watches it is told. */
  end(seat: Address, reason: string, detail?: string): void;
}
