/**
 * Performs what relations ask for: who is told of an end, and how, wherever it lives.
 *
 * @module
 */

import type { Cell, CellTies } from "./cell.ts";
import type { DownMessage, ExitReason } from "./envelope.ts";
import type { Address, Pid, Ref } from "./identities.ts";
import type { Absence, Peer, RemoteNode } from "./peer.ts";
import {
  type FiredMonitor,
  type RelationCounts,
  type RelationLists,
  Relations,
} from "./relations.ts";
import type { Router } from "./router.ts";

/** Reason of what ended with its node, or cannot be reached. */
const NO_CONNECTION = "noconnection";

/** The reason of a `down` about somebody who is not there. */
function whyAbsent(absence: Absence): ExitReason {
  return absence === "unreachable" ? NO_CONNECTION : absence;
}

/** The relations of the actors of one node, with each other and with those of other nodes. */
export class Ties implements CellTies {
  readonly #router: Router;
  /** Address of the node itself: it waits for ends too. */
  readonly #node: Pid;
  readonly #createRef: () => Ref;
  readonly #relations = new Relations();
  /** Messages of watchers to what they watch, by monitor: told when the watcher is gone. */
  readonly #wills = new Map<Ref, unknown>();
  readonly #awaitedEnds = new Map<Ref, () => void>();

  constructor(router: Router, node: Pid, createRef: () => Ref) {
    this.#router = router;
    this.#node = node;
    this.#createRef = createRef;
  }

  /** Asks for one `down`; at once if there is nobody. */
  monitor(watcher: Cell, target: string, will?: unknown): Ref {
    const ref = this.#createRef();
    const peer = this.#router.findWatched(target);
    if (watcher.state === "ended") return ref;
    if (typeof peer === "string") {
      const fired = { ref, watcher: watcher.address, given: target };
      const why = peer === "full" ? "unreachable" : peer;
      this.#tellDown(fired, watcher.address, whyAbsent(why));
    } else {
      this.#relations.monitor(ref, watcher.address, peer.address, target);
      if (will !== undefined) this.#wills.set(ref, will);
      peer.watch(watcher.address, ref, will);
    }
    return ref;
  }

  /**
   * Takes a monitor back, its will undone or done, or another one in its place; false if it had
   * been used or never was.
   */
  demonitor(watcher: Address, ref: Ref, isDone = false, will?: unknown): boolean {
    const taken = this.#relations.demonitor(watcher, ref);
    if (taken === undefined) return false;
    this.#leave(watcher, ref, taken.target, isDone, will);
    return true;
  }

  /** The exit signal of the target will go to `linker`; at once if there is nobody. */
  link(linker: Cell, target: Address): void {
    const peer = this.#router.findPeer(target);
    if (linker.state === "ended") return;
    if (typeof peer === "string") return linker.signalExit(target, whyAbsent(peer));
    this.#relations.link(linker.address, peer.address);
    peer.link(linker.address);
  }

  /** Takes a link back. */
  unlink(linker: Address, target: Address): void {
    this.#relations.unlink(linker, target);
    this.#router.remotePeer(target)?.unlink(linker);
  }

  /** Sends an exit signal, and resolves when the target has ended or its node is lost. */
  exit(from: Address, target: string, reason: ExitReason): Promise<void> {
    const peer = this.#router.findPeer(target);
    if (typeof peer === "string") return Promise.resolve();
    const ended = this.#whenEnded(peer);
    peer.signalExit(from, reason);
    return ended;
  }

  watch(ref: Ref, watcher: Address, target: Address, will?: unknown): void {
    this.#relations.monitor(ref, watcher, target);
    if (will !== undefined) this.#wills.set(ref, will);
  }

  noteLink(linker: Address, target: Address): void {
    this.#relations.link(linker, target);
  }

  end(address: Address, reason: ExitReason, detail?: string): void {
    const { monitors, linkers, watched, linked } = this.#relations.release(address);
    // Of the other ends on this node there is nothing left.
    for (const [ref, target] of watched) this.#leave(address, ref, target, true);
    for (const target of linked) this.#router.remotePeer(target)?.unlink(address);
    for (const monitor of monitors) {
      this.#wills.delete(monitor.ref);
      this.#tellDown(monitor, address, reason, detail);
    }
    for (const linker of linkers) {
      const peer = this.#router.findPeer(linker);
      if (typeof peer !== "string") peer.signalExit(address, reason, true);
    }
  }

  /** The end of something on another node was heard of, for one link: breaks it, if it is there. */
  breakLink(linker: Address, target: Address, reason: ExitReason): void {
    if (!this.#relations.unlink(linker, target)) return;
    const peer = this.#router.findPeer(linker);
    if (typeof peer !== "string") peer.signalExit(target, reason);
  }

  /** The end of something on another node was heard of, for one monitor: fires it, if it is there. */
  fire(watcher: Address, from: Address, { ref, reason, detail }: DownMessage): void {
    const taken = this.#relations.demonitor(watcher, ref);
    if (taken === undefined) return;
    this.#wills.delete(ref);
    this.#tellDown(taken, from, reason, detail);
  }

  /** A node is lost: with it all of its actors have ended, as far as anybody here can tell. */
  forgetNode(remote: RemoteNode): void {
    for (const address of this.#addressesOf(remote)) this.end(address, NO_CONNECTION);
  }

  /** Says again what actors of this node watch on another one and are linked to. */
  repeat(remote: RemoteNode): void {
    for (const address of this.#addressesOf(remote)) {
      const peer = remote.peer(address);
      for (const [ref, watcher] of this.#relations.watchersOf(address)) {
        peer.watch(watcher, ref, this.#wills.get(ref));
      }
      for (const linker of this.#relations.linkersOf(address)) peer.link(linker);
    }
    this.#router.repeat(remote);
  }

  /** Undoes what actors of another node watch here and are linked to. */
  undo(remote: RemoteNode): void {
    for (const address of this.#addressesOf(remote)) {
      for (const ref of this.#relations.undo(address)) this.#wills.delete(ref);
    }
  }

  #addressesOf({ name, incarnation }: RemoteNode): Address[] {
    const mark = `<${name}/${incarnation}/`;
    return this.#relations.addresses((each) => each.includes(mark));
  }

  /** Counts of one actor, for `inspect`. */
  counts(address: Address): RelationCounts {
    return this.#relations.counts(address);
  }

  /** The relations of one actor, so many of each at most. */
  lists(address: Address, limit: number): RelationLists {
    return this.#relations.lists(address, limit);
  }

  /** Whether a meta-process, such as a connection, watches an actor. */
  hasConnection(address: Address): boolean {
    return this.#relations.isWatchedBy(address, (watcher) => watcher.startsWith("Alias#"));
  }

  /** A watcher does not watch any more: tells whoever keeps the other end, or does its will. */
  #leave(watcher: Address, ref: Ref, target: Address, isDone: boolean, other?: unknown): void {
    const will = other ?? this.#wills.get(ref);
    this.#wills.delete(ref);
    const remote = this.#router.elsewhere(target);
    if (remote !== undefined) {
      return remote.unwatch(watcher, ref, isDone && will !== undefined, other);
    }
    if (!isDone || will === undefined) return;
    const peer = this.#router.findPeer(target);
    if (typeof peer === "string") return;
    peer.offer({ kind: "message", from: watcher, message: will }, true);
  }

  #whenEnded(peer: Peer): Promise<void> {
    const ref = this.#createRef();
    const ended = new Promise<void>((resolve) => this.#awaitedEnds.set(ref, resolve));
    this.#relations.monitor(ref, this.#node, peer.address);
    peer.watch(this.#node, ref);
    return ended;
  }

  #tellDown(
    { ref, watcher, given }: FiredMonitor,
    from: Address,
    reason: ExitReason,
    detail?: string,
  ): void {
    if (watcher === this.#node) {
      this.#awaitedEnds.get(ref)?.();
      this.#awaitedEnds.delete(ref);
      return;
    }
    const why = detail === undefined ? {} : { detail };
    const message: DownMessage = { kind: "down", ref, target: given, reason, ...why };
    const peer = this.#router.findPeer(watcher);
    if (typeof peer !== "string") peer.offer({ kind: "down", from, message });
  }
}
