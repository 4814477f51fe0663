/**
 * The open connections of a handler: how many, from where, and how they are closed together.
 *
 * @module
 */

import type { ExitReason } from "../actor/mod.ts";
import type { Clock } from "../time/mod.ts";
import { nextBatch, planBatches } from "./batches.ts";

/** A connection, as far as it is counted and closed with others. */
export interface Member {
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Ends at once. */
  terminate(reason: ExitReason): void;
}

/** With what connections are closed together, and over which time in milliseconds. */
export interface Farewell {
  readonly spreadMs: number;
  readonly code: number;
  readonly reason: string;
}

/** What other threads count that serve the same endpoint: limits are those of all together. */
export interface OtherCounts {
  /** Their connections. */
  readonly connections: number;
  /** Those of an address. */
  connectionsOf(address: string): number;
  /** Those of a user. */
  connectionsOfUser(user: string): number;
  /** The own ones have changed: of the address, if it is known, and in all. */
  changed(address: string | undefined, own: number, all: number): void;
  /** The own ones of a user have changed. */
  userChanged(user: string, own: number): void;
}

/** Counts connections from the first look at the limits to their end. */
export class Population<M extends Member> {
  /** With the address that is counted for each. */
  readonly #open = new Map<M, string | undefined>();
  /** Of those that somebody has logged in on. */
  readonly #users = new Map<M, string>();
  readonly #byUser = new Map<string, Set<M>>();
  readonly #byAddress = new Map<string, number>();
  /** Connections that are being closed together, for those who wait for the last of them. */
  readonly #leaving = new Map<Set<M>, () => void>();
  #opening = 0;
  #others: OtherCounts | undefined;

  /** Those that are open, with those that are being opened. */
  get size(): number {
    return this.#open.size + this.#opening;
  }

  /** As `size`, with those of other threads. */
  get total(): number {
    return this.size + (this.#others?.connections ?? 0);
  }

  /** From now on others are counted in. */
  shareWith(others: OtherCounts): void {
    this.#others = others;
  }

  /** As `countOf`, with those of other threads. */
  totalOf(address: string | undefined): number {
    const others = address === undefined ? 0 : this.#others?.connectionsOf(address) ?? 0;
    return this.countOf(address) + others;
  }

  /** Those that are open. */
  get open(): ReadonlyMap<M, unknown> {
    return this.#open;
  }

  /** How many of an address are open or being opened. */
  countOf(address: string | undefined): number {
    return address === undefined ? 0 : this.#byAddress.get(address) ?? 0;
  }

  /** Those of a user that are open, in the order in which they were opened. */
  ofUser(user: string): Iterable<M> {
    return this.#byUser.get(user) ?? [];
  }

  /** How many of a user are open, with those of other threads. */
  totalOfUser(user: string): number {
    return (this.#byUser.get(user)?.size ?? 0) + (this.#others?.connectionsOfUser(user) ?? 0);
  }

  /** Counts one that is being opened, until the function that it returns is called. */
  expect(address: string | undefined): () => void {
    this.#opening++;
    this.#enter(address);
    return () => {
      this.#opening--;
      this.#leave(address);
    };
  }

  /** Counts one that is open. */
  add(member: M, address: string | undefined, user?: string): void {
    this.#open.set(member, address);
    if (user !== undefined) this.#logIn(member, user);
    this.#enter(address);
  }

  /** Takes one off the count; false if it was not there. */
  remove(member: M): boolean {
    const address = this.#open.get(member);
    if (!this.#open.delete(member)) return false;
    this.#logOut(member);
    this.#leave(address);
    for (const [left, done] of this.#leaving) {
      if (left.delete(member) && left.size === 0) done();
    }
    return true;
  }

  /** Closes those that are open in batches, and resolves when they have ended. */
  async closeAll({ spreadMs, code, reason }: Farewell, clock: Clock): Promise<void> {
    const members = [...this.#open.keys()];
    if (members.length === 0) return;
    const left = new Set(members);
    const empty = Promise.withResolvers<void>();
    this.#leaving.set(left, empty.resolve);
    let first = 0;
    for (const size of planBatches(members.length, spreadMs)) {
      if (first > 0) await nextBatch(clock);
      for (const member of members.slice(first, first += size)) member.close(code, reason);
    }
    await empty.promise;
    this.#leaving.delete(left);
  }

  /** Those that are being closed together and have not ended. */
  leaving(): M[] {
    return [...this.#leaving.keys()].flatMap((members) => [...members]);
  }

  #logIn(member: M, user: string): void {
    this.#users.set(member, user);
    const own = this.#byUser.get(user);
    if (own === undefined) this.#byUser.set(user, new Set([member]));
    else own.add(member);
    this.#others?.userChanged(user, this.#byUser.get(user)!.size);
  }

  #logOut(member: M): void {
    const user = this.#users.get(member);
    if (user === undefined) return;
    this.#users.delete(member);
    const own = this.#byUser.get(user)!;
    own.delete(member);
    if (own.size === 0) this.#byUser.delete(user);
    this.#others?.userChanged(user, own.size);
  }

  #enter(address: string | undefined): void {
    if (address !== undefined) this.#byAddress.set(address, this.countOf(address) + 1);
    this.#others?.changed(address, this.countOf(address), this.size);
  }

  #leave(address: string | undefined): void {
    const count = this.countOf(address) - 1;
    if (address !== undefined && count > 0) this.#byAddress.set(address, count);
    else if (address !== undefined) this.#byAddress.delete(address);
    this.#others?.changed(address, Math.max(0, count), this.size);
  }
}
