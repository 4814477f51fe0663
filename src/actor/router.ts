/**
 * Finds who is behind a target: an actor of this node, or a stand-in for another.
 *
 * @module
 */

import type { Cell } from "./cell.ts";
import {
  type Address,
  type IdentityParts,
  parseIdentity,
  type Pid,
  type Target,
} from "./identities.ts";
import { isKey, type KeyedGroup } from "./keyed/group.ts";
import type { Absence, Peer, Recipient, Refusal, RemoteNode } from "./peer.ts";
import type { PlacedName, Placement } from "./placement.ts";
import type { Registry } from "./registry.ts";

/** The one place where a target becomes somebody, in one look-up. */
export class Router {
  readonly #registry: Registry;
  readonly #remotes = new Map<string, RemoteNode>();
  readonly #globals = new Map<string, Pid>();
  readonly #groups = new Map<string, KeyedGroup>();
  #placement: Placement | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /**
   * Who takes messages for a target, or why there is nobody. A keyed process that is not
   * there is started.
   *
   * @throws {TypeError} If it has not the form of a target.
   */
  find(target: Target): Recipient | Refusal {
    const found = this.lookUp(target);
    if (found !== "unknown") return found;
    if (this.#groups.size === 0 && this.#placement === undefined) return found;
    return this.#findKeyed(typeof target === "string" ? target : target.name);
  }

  /** As `find`, of who is there. */
  lookUp(target: Target): Recipient | Absence {
    if (typeof target === "string" || this.#isOwnName(target)) return this.findPeer(target);
    return this.#remotes.get(target.node)?.named(target.name) ?? "unreachable";
  }

  /**
   * The process of this node that a connection for a name is for. A keyed one is started,
   * one of its own where each connection gets that.
   */
  resolve(name: string): Cell | Refusal {
    const group = this.#groups.get(name);
    if (group?.isPerConnection) return group.startNext();
    const found = this.findLocal(name);
    return found === "unknown" ? this.#startKeyed(name) : found;
  }

  /** As `findPeer`, of whoever is to be watched: a placed process by its seat on this node. */
  findWatched(target: string): Peer | Refusal {
    const found = this.findPeer(target);
    return found === "unknown" ? this.#findSeat(target, false) ?? found : found;
  }

  /**
   * The seat of a process that is placed, which is started; `undefined` if the name is none of
   * those.
   */
  seat(name: string): Peer | Refusal | undefined {
    return this.#findSeat(name, true);
  }

  /** Has the processes `NAME/KEY` started by the group. */
  addGroup(name: string, group: KeyedGroup): void {
    this.#groups.set(name, group);
    group.place(this.#placement?.placesOf(name));
  }

  /** The keyed processes that a name stands for. */
  group(name: string): KeyedGroup | undefined {
    return this.#groups.get(name);
  }

  /** Takes a group back. */
  deleteGroup(name: string): void {
    this.#groups.delete(name);
  }

  /** What an address stands for, if it is that of a seat. */
  placed(address: string): PlacedName | undefined {
    return this.#placement?.placed(address);
  }

  /** From now on `placement` decides about the names that it knows. */
  place(placement: Placement): void {
    this.#placement = placement;
  }

  /** Some of what was said to a node did not arrive there. */
  repeat({ name }: RemoteNode): void {
    this.#placement?.repeat(name);
  }

  /** As `find`, of what has an address: an identity, a name on this node, or a global name. */
  findPeer(target: Exclude<Target, object> | { readonly name: string }): Peer | Absence {
    const cell = this.#registry.locate(target);
    if (cell !== undefined) return cell;
    if (typeof target !== "string") return "unknown";
    const global = this.#globals.get(target);
    if (global !== undefined) return this.findPeer(global);
    const seat = this.#placement?.seatOf(target);
    if (seat !== undefined) return seat;
    const parts = parseIdentity(target);
    if (parts === undefined) return "unknown";
    if (parts.node === this.#registry.node) return this.#registry.whyAbsent(parts);
    return this.#findRemote(target as Address, parts);
  }

  /** As `find`, among the actors of this node alone. */
  findLocal(target: Target): Cell | Absence {
    if (typeof target !== "string" && !this.#isOwnName(target)) return "unreachable";
    const cell = this.#registry.locate(target);
    if (cell !== undefined) return cell;
    const parts = typeof target === "string" ? parseIdentity(target) : undefined;
    if (parts === undefined) return "unknown";
    return parts.node === this.#registry.node ? this.#registry.whyAbsent(parts) : "unreachable";
  }

  /** The stand-in for an address of another node that is attached. */
  remotePeer(address: Address): Peer | undefined {
    if (this.#remotes.size === 0) return undefined;
    const parts = parseIdentity(address);
    const found = parts === undefined ? undefined : this.#findRemote(address, parts);
    return typeof found === "string" ? undefined : found;
  }

  /** Who has to hear that it is watched no more: a stand-in, or a seat. */
  elsewhere(address: Address): Peer | undefined {
    return this.#placement?.seatOf(address) ?? this.remotePeer(address);
  }

  /** The process that a name of this node or of the whole cluster stands for. */
  whereis(name: string): Pid | undefined {
    return this.#registry.whereis(name) ?? this.#globals.get(name);
  }

  /**
   * Adds a node.
   *
   * @throws {TypeError} If it is this one, or a node of that name is there.
   */
  attach(remote: RemoteNode): void {
    const { name } = remote;
    if (name === this.#registry.node || this.#remotes.has(name)) {
      throw new TypeError(
        `Cannot attach node ${name}: expected a name that no node here has, got that of ${
          name === this.#registry.node ? "this node" : "one that is attached"
        }`,
      );
    }
    this.#remotes.set(name, remote);
    this.#placement?.attached(name);
  }

  /** The nodes that are attached. */
  get remotes(): ReadonlyMap<string, RemoteNode> {
    return this.#remotes;
  }

  /** Takes a node away. */
  detach(remote: RemoteNode): void {
    if (this.#remotes.get(remote.name) !== remote) return;
    this.#remotes.delete(remote.name);
    this.#placement?.detached(remote.name);
  }

  /** Gives a name an address in the whole cluster, or takes it back. */
  setGlobal(name: string, pid: Pid | undefined): void {
    if (pid === undefined) this.#globals.delete(name);
    else this.#globals.set(name, pid);
  }

  #findKeyed(target: string): Recipient | Refusal {
    return this.#ask(target, (placement, group, key) => placement.find(group, key)) ??
      this.#startLocal(target);
  }

  /** The process of a key for a message that another node has sent. */
  #startKeyed(target: string): Cell | Refusal {
    const found = this.#ask(target, (placement, group, key) => placement.arrive(group, key));
    // Of this node a peer is the actor itself.
    return found as Cell | Refusal | undefined ?? this.#startLocal(target);
  }

  #findSeat(name: string, starts: boolean): Peer | Refusal | undefined {
    return this.#ask(name, (placement, group, key) => placement.seat(group, key, starts));
  }

  #startLocal(target: string): Cell | Refusal {
    const [group, key] = split(target) ?? [];
    return group === undefined ? "unknown" : this.#groups.get(group)?.locate(key!) ?? "unknown";
  }

  #ask<T>(
    target: string,
    ask: (placement: Placement, group: string, key: string) => T | undefined,
  ): T | undefined {
    const [group, key] = this.#placement && split(target) || [];
    return group !== undefined && isKey(key!) ? ask(this.#placement!, group, key!) : undefined;
  }

  #isOwnName(target: Exclude<Target, string>): boolean {
    // What is no target at all is refused by the registry.
    return typeof target !== "object" || target === null || target.node === this.#registry.node;
  }

  #findRemote(address: Address, { kind, node, incarnation }: IdentityParts): Peer | Absence {
    const remote = this.#remotes.get(node);
    if (remote === undefined) return "unreachable";
    // A reference names no actor.
    return incarnation !== remote.incarnation || kind === "ref" ? "unknown" : remote.peer(address);
  }
}

function split(target: string): [group: string, key: string] | undefined {
  const slash = target.indexOf("/");
  return slash < 1 ? undefined : [target.slice(0, slash), target.slice(slash + 1)];
}
