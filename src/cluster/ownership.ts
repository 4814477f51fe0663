/**
 * What this node owns: its name, and keys that one node has at a time. Performs what leases and
 * claims decide, on a store.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import { inTime } from "../time/mod.ts";
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
} from "./claim.ts";
import {
  holdsLease,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseRecord,
  type LeaseState,
  mayJudgeOthers,
  startLease,
  stepLease,
} from "./lease.ts";
import { type LeaseLimits, PLACEMENT } from "./limits.ts";
import type { Change, Outcome, Store, StoreWatcher } from "./store.ts";
import { isLeaseRecord, toEntry } from "./records.ts";
import { fromToken, toToken } from "./nats/subjects.ts";
import { WatchCheck } from "./watch_check.ts";

const log = getLogger(["troupe", "cluster"]);

const PATIENCE_MS = 1_000;
const LEAVE_MS = 500;
/** Something that one node of the cluster has at a time. */
export interface Holding {
  /** Its key in the store. */
  readonly key: string;
  /** Place of this node among those that may have it, the first one takes it; none if it may not. */
  rank(): number | undefined;
  /** Whether nothing is due for it: it is where it belongs. */
  isAtRest?(): boolean;
  /** Whether it belongs to another node, which is to have it now. */
  givesAway?(): boolean;
  /** It is this node's now; the fence grows with each owner. `from` is that of who gave it. */
  run(fence: number, from: number | undefined): void;
  /** It is to be given back; resolves when all of it has ended, with who has got what is left. */
  drain(): Promise<Owner | void>;
  /** It is not this node's any more: it has to have ended now. */
  end(): void;
}

/** What ownership tells its owner. */
export interface OwnershipEvents {
  /** This node has its lease. */
  owned(): void;
  /** It has lost it, and with it all it owned. */
  isolated(): void;
  /** Another node has the name, and lives. */
  refused(holder: LeaseRecord): void;
  /** Something that is not for this room changed in the store. */
  changed(change: Change): void;
  /** The watch does not tell what was written: it has to begin anew. */
  behind(): void;
}

/** What this node owns in the store. */
export class Ownership implements StoreWatcher {
  readonly #events: OwnershipEvents;
  readonly #nowMs: () => number;
  readonly #previous: string | undefined;
  readonly #holdings = new Map<string, Holding>();
  readonly #claims = new Map<string, ClaimState>();
  readonly #leases = new Map<string, LeaseRecord>();
  /** Keys that the watch has told since it began; `undefined` once it was complete. */
  #told: Set<string> | undefined = new Set();
  readonly #watch = new WatchCheck();
  #store: Store | undefined;
  #lease: LeaseState;
  #writing: Promise<void> | undefined;
  limits: LeaseLimits;

  constructor(
    record: Omit<LeaseRecord, "session">,
    limits: LeaseLimits,
    nowMs: () => number,
    events: OwnershipEvents,
    previous: string | undefined,
  ) {
    this.#lease = startLease(record);
    this.limits = limits;
    this.#nowMs = nowMs;
    this.#events = events;
    this.#previous = previous;
  }

  get phase(): LeaseState["phase"] {
    return this.ownsName || this.#lease.phase !== "held" ? this.#lease.phase : "isolated";
  }

  get ownsName(): boolean {
    return holdsLease(this.#lease, this.limits, this.#nowMs());
  }

  /** Who has a key, as far as this node was told. */
  entryOf(key: string): ClaimEntry | undefined {
    return this.#claims.get(key)?.entry;
  }

  /** The fence under which this node may act for a key at this moment. */
  fenceOf(key: string): number | undefined {
    const state = this.#claims.get(key);
    return state && fenceOf(state, { self: this.#self, holdsLease: this.ownsName });
  }

  /** Of the nodes that have their lease, as far as this one was told. */
  get leases(): ReadonlyMap<string, LeaseRecord> {
    return this.#leases;
  }

  /** Whether there is a connection to the store. */
  get isConnected(): boolean {
    return this.#store !== undefined;
  }

  /** Says which keyed processes this node takes shards of; resolves when that was written. */
  async offer(groups: readonly string[]): Promise<void> {
    this.#stepLease({ type: "offer", groups });
    // Its answer may have been overtaken: then it is written a second time.
    for (let time = 0; time < 2; time++) await this.#writing;
  }

  /** Claims a key as soon as it is free. */
  add(holding: Holding): void {
    this.#holdings.set(holding.key, holding);
    this.#step(holding.key, { type: "tick" });
  }

  /** Gives a key back, and claims it no more. */
  async remove(key: string): Promise<void> {
    await this.#giveBack(key);
    this.#holdings.delete(key);
  }

  /** There is a connection to the store. */
  async connected(store: Store): Promise<void> {
    this.#store = store;
    this.#told = new Set();
    this.#watch.begin();
    this.#stepLease({ type: "connected" });
    await store.watch(this);
  }

  /** There is none any more. */
  disconnected(): void {
    this.#store?.unwatch();
    this.#store = undefined;
    this.#stepLease({ type: "disconnected" });
  }

  tick(): void {
    if (this.#store !== undefined && this.#watch.isBehind(this.#nowMs())) this.behind();
    this.#stepLease({ type: "tick" });
    for (const [key, holding] of this.#holdings) {
      if (holding.isAtRest?.() !== true) this.#step(key, { type: "tick" });
    }
  }

  /** Gives everything back, its name at last. */
  async stop(): Promise<void> {
    await Promise.all([...this.#holdings.keys()].map((key) => this.#giveBack(key)));
    const [next, effects] = stepLease(
      this.#lease,
      { type: "stop" },
      this.limits,
      this.#nowMs(),
    );
    this.#lease = next;
    for (const effect of effects) {
      if (effect.type !== "delete") continue;
      // A broker that does not answer keeps nobody: then the lease ends by itself.
      await inTime(this.#remove(this.#nameKey, effect.expected), LEAVE_MS);
    }
    this.#store?.unwatch();
  }

  // StoreWatcher

  change(change: Change): void {
    const { key, revision, value } = change;
    this.#told?.add(key);
    this.#watch.told(revision);
    if (key.startsWith("n.")) return this.#seeLease(fromToken(key.slice(2)), value);
    if (key.startsWith("g.") || key.startsWith("k.")) {
      this.#step(key, { type: "seen", revision, ...toEntry(value) });
    }
    this.#events.changed(change);
  }

  behind(): void {
    log.warn("The watch of the store is behind: it begins anew");
    this.#events.behind();
  }

  complete(revision: number): void {
    const told = this.#told;
    this.#told = undefined;
    if (told === undefined) return;
    for (const key of new Set([...this.#claims.keys(), ...this.#holdings.keys()])) {
      if (!told.has(key)) this.change({ key, revision, value: undefined });
    }
    for (const node of [...this.#leases.keys()]) {
      if (!told.has(`n.${toToken(node)}`)) this.#leases.delete(node);
    }
  }

  get #self(): Owner {
    const { node, incarnation, session } = this.#lease.record;
    return { node, incarnation, session };
  }

  get #nameKey(): string {
    return `n.${toToken(this.#lease.record.node)}`;
  }

  #seeLease(node: string, value: unknown): void {
    if (isLeaseRecord(value)) this.#leases.set(node, value);
    else this.#leases.delete(node);
  }

  #view(key: string): ClaimView {
    const holding = this.#holdings.get(key);
    const rank = holding?.rank();
    return {
      self: this.#self,
      holdsLease: this.ownsName,
      mayJudgeOthers: mayJudgeOthers(this.#lease, this.limits, this.#nowMs()),
      isOwnerAlive: ({ node, incarnation, session }) => {
        const lease = this.#leases.get(node);
        return lease?.incarnation === incarnation && lease.session === session;
      },
      // Before the watch is complete nobody knows what there is.
      rank: this.#told === undefined ? rank : undefined,
      isForFirstOnly: isShard(key),
      givesAway: holding?.givesAway?.() ?? false,
      drainMs: PLACEMENT.drainMs,
      patienceMs: PATIENCE_MS,
    };
  }

  #stepLease(event: LeaseEvent): void {
    const [next, effects] = stepLease(this.#lease, event, this.limits, this.#nowMs());
    this.#lease = next;
    for (const effect of effects) this.#performLease(effect);
  }

  #performLease(effect: LeaseEffect): void {
    switch (effect.type) {
      case "write":
        this.#writing = this.#write(effect);
        return;
      case "delete":
        return void this.#remove(this.#nameKey, effect.expected);
      case "owned":
        return this.#events.owned();
      case "isolated":
        // Each finds by itself that the lease is gone, and ends.
        for (const key of this.#holdings.keys()) this.#step(key, { type: "tick" });
        return this.#events.isolated();
      case "refused":
        return this.#events.refused(effect.holder);
    }
  }

  async #write({ record, expected, askedMs }: Extract<LeaseEffect, { type: "write" }>) {
    const { ttlMs } = this.limits;
    const outcome = await this.#ask((store) => store.write(this.#nameKey, record, expected, ttlMs));
    if (outcome === undefined) return;
    if ("revision" in outcome) {
      const { revision } = outcome;
      this.#watch.wrote(revision, this.#nowMs());
      return this.#stepLease({ type: "written", askedMs, revision });
    }
    const holder = outcome.found?.value;
    const found = isLeaseRecord(holder)
      ? { record: holder, revision: outcome.found!.revision }
      : undefined;
    const isHolderDead = found !== undefined && found.record.incarnation === this.#previous;
    this.#stepLease({ type: "conflict", askedMs, found, isHolderDead });
  }

  #step(key: string, event: ClaimEvent): void {
    const before = this.#claims.get(key) ?? UNCLAIMED;
    const [next, effects] = stepClaim(before, event, this.#view(key), this.#nowMs());
    this.#claims.set(key, next);
    for (const effect of effects) this.#perform(key, effect);
  }

  #perform(key: string, effect: ClaimEffect): void {
    const holding = this.#holdings.get(key);
    switch (effect.type) {
      case "claim":
        return void this.#claim(key, effect.owner, effect.expected);
      case "run":
        if (holding === undefined) return this.#decline(key);
        logClaim(key, "info", "This node owns {claim}, fence {fence}", { fence: effect.fence });
        return holding.run(effect.fence, effect.from);
      case "drain":
        return void holding?.drain().then((to) =>
          this.#step(key, { type: "drained", to: to ?? undefined })
        );
      case "end":
        logClaim(key, "warn", "This node does not own {claim} any more");
        return holding?.end();
      case "release":
        return void this.#release(key, effect);
    }
  }

  async #claim(key: string, owner: Owner, expected: number): Promise<void> {
    const outcome = await this.#ask((store) => store.write(key, owner, expected));
    if (outcome === undefined) return;
    if ("revision" in outcome) {
      const { revision } = outcome;
      return this.#step(key, { type: "claimed", revision, session: owner.session });
    }
    const found = toEntry(outcome.found?.value);
    this.#step(key, {
      type: "refused",
      found: found.owner && { ...found, owner: found.owner, revision: outcome.found!.revision },
    });
  }

  /** Somebody gave it to this node, which does not want it any more. */
  #decline(key: string): void {
    this.#step(key, { type: "stop" });
    this.#step(key, { type: "drained" });
  }

  async #giveBack(key: string): Promise<void> {
    const fence = this.fenceOf(key);
    const holding = this.#holdings.get(key);
    if (fence === undefined || holding === undefined) return;
    // In this order: what it says at its end is said as its owner.
    const to = await holding.drain() ?? undefined;
    this.#holdings.delete(key);
    this.#step(key, { type: "stop" });
    const [next, effects] = stepClaim(
      this.#claims.get(key)!,
      { type: "drained", to },
      this.#view(key),
      this.#nowMs(),
    );
    this.#claims.set(key, next);
    for (const effect of effects) {
      if (effect.type === "release") await this.#release(key, effect);
    }
  }

  async #release(
    key: string,
    { expected, to }: Extract<ClaimEffect, { type: "release" }>,
  ): Promise<void> {
    if (to === undefined) return await this.#remove(key, expected);
    await this.#ask((store) => store.write(key, { ...to, from: expected }, expected));
  }

  async #remove(key: string, expected: number): Promise<void> {
    await this.#ask((store) => store.remove(key, expected));
  }

  /** One that is not answered is asked again by the next tick. */
  async #ask<T extends Outcome | void>(
    ask: (store: Store) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return this.#store && await ask(this.#store);
    } catch (error) {
      log.debug("The store did not answer: {error}", { error });
      return undefined;
    }
  }
}

/** There are a thousand shards of each name: they are told of together. */
function isShard(key: string): boolean {
  return key.startsWith("k.");
}

/** There are many shards, and they move often. */
function logClaim(key: string, level: "info" | "warn", text: string, more: object = {}): void {
  log[isShard(key) ? "debug" : level](text, { claim: key, ...more });
}
