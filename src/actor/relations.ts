/**
 * Who watches whom: links and monitors, by address, on this node and across.
 *
 * @module
 */

import type { Address, Ref } from "./identities.ts";
import { SmallMap } from "./small_map.ts";

/** One monitor, as its watcher keeps it. */
interface Watch {
  readonly target: Address;
  /** The target as it was given to `monitor`. */
  readonly given: string;
}

/** One monitor of something that has ended. */
export interface FiredMonitor {
  readonly ref: Ref;
  readonly watcher: Address;
  readonly given: string;
}

/** What becomes of the relations of something that has ended. */
export interface Released {
  /** Those that watched it, each to be told once. */
  readonly monitors: readonly FiredMonitor[];
  /** Those that were linked to it, each to get its exit signal. */
  readonly linkers: readonly Address[];
  /** What it watched and was linked to itself, for whoever keeps the other end. */
  readonly watched: readonly (readonly [ref: Ref, target: Address])[];
  readonly linked: readonly Address[];
}

/** How many relations an actor has, for `inspect`. */
export type RelationCounts = Record<"monitors" | "monitoredBy" | "links" | "linkedBy", number>;

/** Others by how an actor stands to them. */
export type RelationLists = Readonly<Record<keyof RelationCounts, readonly Address[]>>;

const NONE: readonly never[] = Object.freeze([]);

/**
 * All relations that a node knows of, found from both of their ends. All are
 * one-way. An end is an address, of this node or of another: when a node is
 * lost, each of its addresses has ended.
 */
export class Relations {
  readonly #watches = new Map<Address, SmallMap<Ref, Watch>>();
  readonly #watchers = new Map<Address, SmallMap<Ref, Address>>();
  readonly #links = new Map<Address, Set<Address>>();
  readonly #linkers = new Map<Address, Set<Address>>();

  /** `watcher` will be told of the end of `target`; the second time of a `ref` changes nothing. */
  monitor(ref: Ref, watcher: Address, target: Address, given: string = target): void {
    const watches = this.#watches.get(watcher);
    if (watches?.get(ref) !== undefined) return;
    if (watches === undefined) this.#watches.set(watcher, new SmallMap(ref, { target, given }));
    else watches.set(ref, { target, given });
    const watchers = this.#watchers.get(target);
    if (watchers === undefined) this.#watchers.set(target, new SmallMap(ref, watcher));
    else watchers.set(ref, watcher);
  }

  /** Takes a monitor of `watcher` back; what it watched, if there was such a monitor. */
  demonitor(watcher: Address, ref: Ref): FiredMonitor & { readonly target: Address } | undefined {
    const watch = this.#watches.get(watcher)?.get(ref);
    if (watch === undefined) return undefined;
    dropFrom(this.#watches, watcher, ref);
    dropFrom(this.#watchers, watch.target, ref);
    return { ref, watcher, ...watch };
  }

  /** `linker` will get the exit signal of `target`. */
  link(linker: Address, target: Address): void {
    addTo(this.#links, linker, target);
    addTo(this.#linkers, target, linker);
  }

  /** Takes a link of `linker` back; false if there was none. */
  unlink(linker: Address, target: Address): boolean {
    if (this.#links.get(linker)?.has(target) !== true) return false;
    dropFrom(this.#links, linker, target);
    dropFrom(this.#linkers, target, linker);
    return true;
  }

  /** Undoes every relation of something that has ended, and tells who must hear of it. */
  release(address: Address): Released {
    const watched = [...this.#watches.get(address) ?? NONE]
      .map(([ref, { target }]) => [ref, target] as const);
    for (const [ref] of watched) this.demonitor(address, ref);
    const linked = [...this.#links.get(address) ?? NONE];
    for (const target of linked) this.unlink(address, target);
    const monitors = [...this.#watchers.get(address) ?? NONE]
      .map(([ref, watcher]) => this.demonitor(watcher, ref)!);
    const linkers = [...this.#linkers.get(address) ?? NONE];
    for (const linker of linkers) this.unlink(linker, address);
    return { monitors, linkers, watched, linked };
  }

  /** Whether one of those that watch an address is of the kind asked for. */
  isWatchedBy(target: Address, isMeant: (watcher: Address) => boolean): boolean {
    for (const [, watcher] of this.#watchers.get(target) ?? NONE) if (isMeant(watcher)) return true;
    return false;
  }

  /** What watches an address, by the `ref` of each monitor. */
  watchersOf(target: Address): Iterable<readonly [Ref, Address]> {
    return this.#watchers.get(target) ?? NONE;
  }

  /** What is linked to an address. */
  linkersOf(target: Address): Iterable<Address> {
    return this.#linkers.get(target) ?? NONE;
  }

  /** Undoes what an address watches and is linked to itself; the monitors that it had. */
  undo(address: Address): Ref[] {
    const refs = [...this.#watches.get(address) ?? NONE].map(([ref]) => ref);
    for (const ref of refs) this.demonitor(address, ref);
    for (const target of [...this.#links.get(address) ?? NONE]) this.unlink(address, target);
    return refs;
  }

  /** Every address with a relation for which `isAbout` is true, as those of a lost node. */
  addresses(isAbout: (address: Address) => boolean): Address[] {
    const tables = [this.#watches, this.#watchers, this.#links, this.#linkers];
    return [...new Set(tables.flatMap((table) => [...table.keys()].filter(isAbout)))];
  }

  /** The relations of one actor, so many of each at most. */
  lists(address: Address, limit: number): RelationLists {
    const watches = takeSome(this.#watches.get(address) ?? NONE, limit);
    return {
      monitors: watches.map(([, { target }]) => target),
      monitoredBy: takeSome(this.#watchers.get(address) ?? NONE, limit).map(([, each]) => each),
      links: takeSome(this.#links.get(address) ?? NONE, limit),
      linkedBy: takeSome(this.#linkers.get(address) ?? NONE, limit),
    };
  }

  /** Counts of one actor. */
  counts(address: Address): RelationCounts {
    return {
      monitors: this.#watches.get(address)?.size ?? 0,
      monitoredBy: this.#watchers.get(address)?.size ?? 0,
      links: this.#links.get(address)?.size ?? 0,
      linkedBy: this.#linkers.get(address)?.size ?? 0,
    };
  }
}

function addTo(table: Map<Address, Set<Address>>, end: Address, other: Address): void {
  const found = table.get(end);
  if (found === undefined) table.set(end, new Set([other]));
  else found.add(other);
}

/** The first of some, without a look at the others. */
function takeSome<T>(all: Iterable<T>, limit: number): T[] {
  const some: T[] = [];
  for (const each of all) {
    if (some.length >= limit) break;
    some.push(each);
  }
  return some;
}

/** Leaves no empty entry behind: there was one for each connection. */
function dropFrom<K>(
  table: Map<Address, { readonly size: number; delete(key: K): boolean }>,
  end: Address,
  key: K,
): void {
  const found = table.get(end);
  if (found === undefined) return;
  found.delete(key);
  if (found.size === 0) table.delete(end);
}
