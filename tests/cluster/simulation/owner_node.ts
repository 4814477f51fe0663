/**
 * The shell of lease and claims in the simulation: performs their effects.
 *
 * @module
 */

import {
  type ClaimEffect,
  type ClaimEntry,
  type ClaimEvent,
  type ClaimState,
  type ClaimView,
  fenceOf,
  type Owner,
  stepClaim,
  UNCLAIMED,
} from "../../../src/cluster/claim.ts";
import {
  holdsLease,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseRecord,
  type LeaseState,
  mayJudgeOthers,
  startLease,
  stepLease,
} from "../../../src/cluster/lease.ts";
import { leaseLimits } from "../../../src/cluster/limits.ts";
import type { Change } from "./store.ts";
import type { Start, World } from "./world.ts";

const LIMITS = leaseLimits(4_000);
/** A global name, and two shards. */
export const KEYS = ["names.board", "k.7", "k.8"] as const;

const LEASE_KEYS = Array.from({ length: 8 }, (_, index) => `n.n${index}`);

/** One key on one node: its state, and what the node knows when that is read. */
class KeyOf implements ClaimView {
  claim: ClaimState = UNCLAIMED;
  readonly drainMs = 1_000;
  readonly patienceMs = 1_000;
  readonly isForFirstOnly: boolean;

  constructor(readonly node: OwnerNode, readonly key: string) {
    this.isForFirstOnly = isShard(key);
  }

  get self(): Owner {
    return this.node.self;
  }

  get holdsLease(): boolean {
    return this.node.ownsName;
  }

  get mayJudgeOthers(): boolean {
    return this.node.mayJudgeOthers;
  }

  get rank(): number {
    return this.node.rank(this.key);
  }

  get givesAway(): boolean {
    return this.isForFirstOnly && this.rank !== 0;
  }

  isOwnerAlive(owner: Owner): boolean {
    return this.node.isAlive(owner);
  }
}

export class OwnerNode {
  #lease: LeaseState;
  /** Leases of all nodes as the watcher sees them. */
  readonly #leases = new Map<string, LeaseRecord>();
  #unwatch: (() => void) | undefined;
  #hasMissed = false;
  readonly #isTwin: boolean;
  #self: Owner;
  /** In the order of `KEYS`. */
  readonly #keys: readonly KeyOf[];

  constructor(readonly world: World, readonly start: Start) {
    const { name, incarnation } = start;
    const current = world.starts[start.index];
    this.#isTwin = current !== undefined && !current.isDead;
    this.#lease = startLease({
      node: name,
      incarnation: `${incarnation}`,
      // A twin runs on another machine.
      pid: this.#isTwin ? -incarnation : incarnation,
      sinceMs: world.timeline.nowMs,
    });
    this.#self = this.#ownerOf(this.#lease.record);
    this.#keys = KEYS.map((key) => new KeyOf(this, key));
  }

  /** Whether it may act for a key at this moment. */
  owns(at: number): boolean {
    const key = this.#keys[at]!;
    return key.claim.fence !== 0 && fenceOf(key.claim, key) !== undefined;
  }

  /** This session of this start. */
  get self(): Owner {
    return this.#self;
  }

  get mayJudgeOthers(): boolean {
    return mayJudgeOthers(this.#lease, LIMITS, this.#now);
  }

  isAlive({ node, incarnation, session }: Owner): boolean {
    const lease = this.#leases.get(`n.${node}`);
    return lease?.incarnation === incarnation && lease.session === session;
  }

  get ownsName(): boolean {
    if (this.world.mutation === "noFenceCheck") return this.#lease.goodSinceMs !== -Infinity;
    return holdsLease(this.#lease, LIMITS, this.#now);
  }

  tick(): void {
    const isConnected = this.world.isConnected(this.start.index);
    // A client that was cut off, however shortly, begins to watch anew.
    if (this.#hasMissed && this.#lease.connectedSinceMs !== undefined) this.#disconnect();
    if (isConnected && this.#lease.connectedSinceMs === undefined) this.#connect();
    if (!isConnected && this.#lease.connectedSinceMs !== undefined) this.#disconnect();
    this.#stepLease({ type: "tick" });
    if (!this.#isTwin) { for (const key of this.#keys) this.#stepClaim(key, { type: "tick" }); }
  }

  stop(): void {
    for (const key of this.#keys) {
      const to = this.#successorOf(key.key);
      this.#stepClaim(key, { type: "stop" });
      this.#stepClaim(key, { type: "drained", to });
    }
    this.#stepLease({ type: "stop" });
    this.#unwatch?.();
  }

  get #now(): number {
    return this.world.timeline.nowMs;
  }

  /** Of its lease: one more after each isolation. */
  get session(): number {
    return this.world.mutation === "noFenceCheck" ? 1 : this.#lease.record.session;
  }

  #ownerOf({ node, incarnation }: LeaseRecord): Owner {
    return { node, incarnation, session: this.session };
  }

  #connect(): void {
    const { world, start } = this;
    this.#hasMissed = false;
    this.#leases.clear();
    this.#unwatch = world.store.watch(KEYS, (change) => {
      if (!world.isConnected(start.index)) this.#hasMissed = true;
      else if (!start.isDead && !start.isPaused) this.#see(change);
      else world.runOn(start, () => this.#see(change));
    });
    this.#stepLease({ type: "connected" });
  }

  #disconnect(): void {
    this.#unwatch?.();
    this.#stepLease({ type: "disconnected" });
  }

  #see({ key, revision, value }: Change): void {
    if (this.#isTwin) return;
    if (!key.startsWith("n.")) {
      const seen = this.#keys[KEYS.indexOf(key as typeof KEYS[number])]!;
      this.#stepClaim(seen, { type: "seen", revision, ...readOwner(value) });
    } else if (value === undefined) this.#leases.delete(key);
    else this.#leases.set(key, value as LeaseRecord);
  }

  /** Any fixed order of the nodes will do here: the hash has its own test. */
  rank(key: string): number {
    const step = key === "k.8" ? -1 : 1;
    const { index } = this.start;
    let rank = 0;
    for (let other = step === 1 ? 0 : this.world.size - 1; other !== index; other += step) {
      if (this.#leases.has(LEASE_KEYS[other]!)) rank++;
    }
    return rank;
  }

  /** The first of the others, to whom a shard is given with what is left in it. */
  #successorOf(key: string): Owner | undefined {
    if (!isShard(key)) return undefined;
    const step = key === "k.8" ? -1 : 1;
    const { size } = this.world;
    for (let other = step === 1 ? 0 : size - 1; other >= 0 && other < size; other += step) {
      const lease = other === this.start.index ? undefined : this.#leases.get(LEASE_KEYS[other]!);
      if (lease !== undefined) return lease;
    }
    return undefined;
  }

  #stepLease(event: LeaseEvent): void {
    const [next, effects] = stepLease(this.#lease, event, LIMITS, this.#now);
    const isSame = next.record === this.#lease.record;
    this.#lease = next;
    if (!isSame) this.#self = this.#ownerOf(next.record);
    for (const effect of effects) this.#perform(effect);
    if (effects.length > 0) this.world.checkOwners();
  }

  #perform(effect: LeaseEffect): void {
    const { store } = this.world;
    const key = `n.${this.start.name}`;
    switch (effect.type) {
      case "write":
        return this.#write(key, effect);
      case "delete":
        return this.world.askStore(this.start, () => store.delete(key, effect.expected), () => {});
      case "isolated":
        if (!this.#isTwin) this.start.links.isolate();
        for (const each of this.#keys) this.#stepClaim(each, { type: "tick" });
    }
  }

  #write(key: string, { record, expected, askedMs }: Extract<LeaseEffect, { type: "write" }>) {
    let event: LeaseEvent;
    this.world.askStore(this.start, () => {
      const outcome = this.world.store.write(key, record, expected, LIMITS.ttlMs);
      if ("revision" in outcome) {
        event = { type: "written", askedMs, revision: outcome.revision };
        return;
      }
      const holder = outcome.found?.value as LeaseRecord | undefined;
      const found = holder && { record: holder, revision: outcome.found!.revision };
      event = { type: "conflict", askedMs, found, isHolderDead: this.#isDead(holder) };
    }, () => this.#stepLease(event));
  }

  #isDead(holder: LeaseRecord | undefined): boolean {
    const { pid } = this.#lease.record;
    return holder !== undefined && holder.pid > 0 && holder.pid < pid;
  }

  #stepClaim(key: KeyOf, event: ClaimEvent): void {
    const [next, effects] = stepClaim(key.claim, event, key, this.#now);
    key.claim = next;
    for (const effect of effects) this.#performClaim(key, effect);
    if (effects.length > 0) this.world.checkOwners();
  }

  #performClaim(key: KeyOf, effect: ClaimEffect): void {
    const { world, start } = this;
    if (effect.type === "release") return this.#release(key.key, effect);
    if (effect.type === "run") return world.ran(key.key, effect.fence, effect.from);
    // One that has nothing to end has drained with the next turn.
    if (effect.type === "drain") {
      return world.timeline.after(
        300,
        () =>
          world.runOn(start, () => {
            this.#stepClaim(key, { type: "drained", to: this.#successorOf(key.key) });
          }),
      );
    }
    if (effect.type !== "claim") return;
    let event: ClaimEvent;
    world.askStore(start, () => {
      const outcome = world.store.write(key.key, effect.owner, effect.expected);
      event = "revision" in outcome
        ? { type: "claimed", revision: outcome.revision, session: effect.owner.session }
        : { type: "refused", found: toEntry(outcome.found) };
    }, () => this.#stepClaim(key, event));
  }

  #release(key: string, { expected, to }: Extract<ClaimEffect, { type: "release" }>): void {
    const { store } = this.world;
    const ask = () => {
      if (to === undefined) store.delete(key, expected);
      else store.write(key, { owner: to, from: expected }, expected);
    };
    this.world.askStore(this.start, ask, () => {});
  }
}

function isShard(key: string): boolean {
  return key.startsWith("k.");
}

type Given = Omit<ClaimEntry, "revision">;

/** A claim has its owner as it is; what was given tells by whom. */
function readOwner(value: unknown): { readonly owner: Owner | undefined } & Partial<Given> {
  const given = value as Owner & Given | undefined;
  return given?.owner === undefined ? { owner: given } : given;
}

function toEntry(change: Change | undefined): ClaimEntry | undefined {
  const { owner, from } = readOwner(change?.value);
  return change && owner && { owner, from, revision: change.revision };
}
