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
import type { KeyedGroup } from "./keyed/group.ts";
import type { Absence, Peer, Recipient, RemoteNode } from "./peer.ts";
import type { Registry } from "./registry.ts";

/** Why nobody takes messages for a target. */
export type Refusal = Absence | "full";

/** The one place where a target becomes somebody, in one look-up. */
export class Router {
  readonly #registry: Registry;
  readonly #remotes = new Map<string, RemoteNode>();
  readonly #globals = new Map<string, Pid>();
  readonly #groups = new Map<string, KeyedGroup>();

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
    if (found !== "unknown" || this.#groups.size === 0) return found;
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
    return found === "unknown" ? this.#findKeyed(name) : found;
  }

  /** Has the processes `NAME/KEY` started by the group. */
  addGroup(name: string, group: KeyedGroup): void {
    this.#groups.set(name, group);
  }

  /** The keyed processes that a name stands for. */
  group(name: string): KeyedGroup | undefined {
    return this.#groups.get(name);
  }

  /** Takes a group back. */
  deleteGroup(name: string): void {
    this.#groups.delete(name);
  }

  /** As `find`, of what has an address: an identity, a name on this node, or a global name. */
  findPeer(target: Exclude<Target, object> | { readonly name: string }): Peer | Absence {
    const cell = this.#registry.locate(target);
    if (cell !== undefined) return cell;
    if (typeof target !== "string") return "unknown";
    const global = this.#globals.get(target);
    if (global !== undefined) return this.findPeer(global);
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
  }

  /** Takes a node away. */
  detach(remote: RemoteNode): void {
    if (this.#remotes.get(remote.name) === remote) this.#remotes.delete(remote.name);
  }

  /** Gives a name an address in the whole cluster, or takes it back. */
  setGlobal(name: string, pid: Pid | undefined): void {
    if (pid === undefined) this.#globals.delete(name);
    else this.#globals.set(name, pid);
  }

  #findKeyed(target: string): Cell | Refusal {
    const slash = target.indexOf("/");
    const group = slash < 1 ? undefined : this.#groups.get(target.slice(0, slash));
    return group?.locate(target.slice(slash + 1)) ?? "unknown";
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
