/**
 * The shards of one name that this node takes: those that belong here, as long as they do.
 *
 * @module
 */

import type { HandedOver, KeyPlaces, Node, PlacementHost } from "../../actor/mod.ts";
import { getLogger } from "../../telemetry/mod.ts";
import { inTime } from "../../time/mod.ts";
import type { Owner } from "../claim.ts";
import { PLACEMENT } from "../limits.ts";
import type { Ownership } from "../ownership.ts";
import { chooseMoves, placeShards, shardKey } from "../placement.ts";
import { groupsOf } from "../records.ts";
import { type Hash, rendezvous } from "../rendezvous.ts";
import type { Shards } from "./control.ts";
import { Shard, type ShardHost } from "./shard.ts";
import { splitState, type Stash, type StatePart } from "./states.ts";

const log = getLogger(["troupe", "cluster"]);

type Env = Readonly<Record<string, unknown>>;

/** What an offer needs. */
export interface OfferHost {
  readonly node: Node;
  readonly placement: PlacementHost;
  readonly ownership: Ownership;
  readonly hash: Hash;
  readonly stash: Stash;
  /** Whether what this node loses goes on until another node has it. */
  readonly keepsWhenIsolated: boolean;
  nowMs(): number;
  shardOf(key: string): number;
  /** What a process has as `env`, with the fence of its shard. */
  fenced(env: Env, fence: number): Env;
  /** Resolves when the other nodes send no more to these shards, or do not say so in time. */
  hold(shards: Shards): Promise<void>;
  carry(to: string, part: StatePart): Promise<unknown>;
  /** Shards have just been closed here, or opened. */
  closed(shard: number, fence: number): void;
  opened(shard: number): void;
}

/** What one node takes of one name. */
export class Offer implements ShardHost, KeyPlaces {
  readonly #host: OfferHost;
  readonly #shards: readonly Shard[];
  #candidates = "";
  #owners: readonly string[] = [];
  #giving: ReadonlySet<number> = new Set();
  #isLeaving = false;
  #holding: { readonly shards: Shard[]; readonly done: Promise<void> } | undefined;
  #opened = Promise.withResolvers<void>();
  /** Processes that had nobody to hand over to. */
  #left = 0;
  #told = 0;
  #before = 0;
  /** Shards that came here, and that went. */
  readonly moves = { in: 0, out: 0 };

  constructor(readonly name: string, host: OfferHost) {
    this.#host = host;
    this.#shards = Array.from(
      { length: PLACEMENT.shards },
      (_, shard) => new Shard(shard, shardKey(name, shard), this),
    );
  }

  /** How many shards are here. */
  get owned(): number {
    return this.#shards.reduce((sum, { isOpen }) => sum + (isOpen ? 1 : 0), 0);
  }

  /** Whether messages for a shard are taken here now. */
  isOpen(shard: number): boolean {
    return this.#shards[shard]!.isOpen;
  }

  /** Begins to take shards. */
  start(): void {
    for (const shard of this.#shards) this.#host.ownership.add(shard);
  }

  /** Gives all of them to other nodes, if there are any. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await Promise.all(this.#shards.map(({ key }) => this.#host.ownership.remove(key)));
    // What was kept without being owned.
    for (const shard of this.#shards) this.#close(shard);
    this.#tell();
  }

  /** Looks at who takes part, and which shards have to go. */
  tick(): void {
    const { node, hash } = this.#host;
    const candidates = this.#candidatesNow();
    const joined = candidates.join("\n");
    if (joined !== this.#candidates) this.#owners = placeShards(this.name, candidates, hash);
    this.#candidates = joined;
    const held = this.#shards.filter(({ isOpen, isDraining }) => isOpen && !isDraining);
    const moving = this.#shards.filter(({ isDraining }) => isDraining).length;
    const numbers = held.map(({ number }) => number).filter((each) => this.#canGo(each));
    this.#giving = new Set(chooseMoves(numbers, this.#owners, node.name, moving));
    this.#tell();
  }

  /** The store has told something of a shard: what was kept ends when somebody else has it. */
  change(number: number): void {
    const shard = this.#shards[number]!;
    if (shard.isOpen && this.#isElsewhere(shard)) this.#close(shard);
  }

  /** Which of these are open under their revisions, at the latest after so many milliseconds. */
  async awaitOpen({ shards, revisions }: Shards, timeoutMs: number): Promise<number[]> {
    const untilMs = this.#host.nowMs() + timeoutMs;
    const isOpen = (shard: number, i: number) =>
      this.#shards[shard]?.isOpen === true && this.#shards[shard].fence === revisions[i];
    for (;;) {
      const open = shards.filter(isOpen);
      const leftMs = untilMs - this.#host.nowMs();
      if (open.length === shards.length || leftMs <= 0) return open;
      await inTime(this.#opened.promise, leftMs);
    }
  }

  // KeyPlaces

  shardOf(key: string): number {
    return this.#host.shardOf(key);
  }

  envOf(env: Env, shard: number): Env {
    return this.#host.fenced(env, this.#shards[shard]!.fence);
  }

  // ShardHost

  rank(shard: number): number | undefined {
    if (this.#isLeaving || this.#owners.length === 0) return undefined;
    return this.#owners[shard] === this.#host.node.name ? 0 : 1;
  }

  givesAway(shard: number): boolean {
    return this.#giving.has(shard);
  }

  isMine({ key }: Shard): boolean {
    const owner = this.#host.ownership.entryOf(key)?.owner;
    return owner?.incarnation === this.#host.node.incarnation;
  }

  run({ number }: Shard, from: number | undefined): void {
    this.moves.in++;
    const { placement, stash } = this.#host;
    const processes = placement.group(this.name);
    for (const [key, state] of stash.take(this.name, number, from)) {
      const found = processes?.adopt(key, state) ?? "terminated";
      if (typeof found === "string") {
        log.error("{name} is not started with what was handed over: {why}", {
          name: `${this.name}/${key}`,
          why: found,
        });
      }
    }
    this.#opened.resolve();
    this.#opened = Promise.withResolvers();
    this.#host.opened(number);
  }

  async drain(shard: Shard): Promise<Owner | undefined> {
    const { number, fence } = shard;
    const { drainMs, carryMs } = PLACEMENT;
    const untilMs = this.#host.nowMs() + drainMs - carryMs;
    await this.#hold(shard);
    if (!shard.isOpen || shard.fence !== fence) return undefined;
    const processes = this.#host.placement.group(this.name);
    shard.isOpen = false;
    this.moves.out++;
    // From here on nobody sends anything to what is here.
    this.#host.closed(number, fence);
    const leftMs = Math.max(0, untilMs - this.#host.nowMs());
    const states = await processes?.handOver(number, leftMs) ?? [];
    for (const to of this.#successorsOf(shard)) {
      if (await this.#carry(to, shard, states)) return to;
    }
    this.#left += states.length;
    return undefined;
  }

  end(shard: Shard): void {
    const isKept = this.#host.keepsWhenIsolated && !this.#isElsewhere(shard);
    if (!isKept) this.#close(shard);
  }

  #close(shard: Shard): void {
    if (!shard.isOpen) return;
    shard.isOpen = false;
    this.moves.out++;
    this.#host.placement.group(this.name)?.end(shard.number);
    this.#host.closed(shard.number, shard.fence);
  }

  #isElsewhere({ key }: Shard): boolean {
    const owner = this.#host.ownership.entryOf(key)?.owner;
    return owner !== undefined && owner.incarnation !== this.#host.node.incarnation;
  }

  #candidatesNow(): string[] {
    const names: string[] = [];
    for (const [node, lease] of this.#host.ownership.leases) {
      if (groupsOf(lease).includes(this.name)) names.push(node);
    }
    return names.sort();
  }

  /** One that cannot be told anything gets nothing: what processes have left would be lost. */
  #canGo(shard: number): boolean {
    const owner = this.#owners[shard];
    return owner !== undefined && this.#host.placement.remote(owner) !== undefined;
  }

  /** Nodes that may have it next and are reached, the one that it belongs to first. */
  #successorsOf({ key }: Shard): Owner[] {
    const { hash, ownership, placement } = this.#host;
    const others = this.#candidatesNow().filter((name) => placement.remote(name) !== undefined);
    return rendezvous(key, others, hash).map((name) => {
      const { node, incarnation, session } = ownership.leases.get(name)!;
      return { node, incarnation, session };
    });
  }

  /** Shards that begin to move in one turn are told of together. */
  #hold(shard: Shard): Promise<void> {
    if (this.#holding !== undefined) {
      this.#holding.shards.push(shard);
      return this.#holding.done;
    }
    const shards = [shard];
    const done = Promise.resolve().then(() => {
      this.#holding = undefined;
      return this.#host.hold({
        group: this.name,
        shards: shards.map(({ number }) => number),
        revisions: shards.map(({ fence }) => fence),
      });
    });
    this.#holding = { shards, done };
    return done;
  }

  /** Brings what is left to another node; false if that cannot be told anything. */
  async #carry(
    { node }: Owner,
    { number, fence }: Shard,
    states: readonly HandedOver[],
  ): Promise<boolean> {
    const { name: group } = this;
    for (const { key, state } of states) {
      const split = this.#split(key, state);
      try {
        for (const [part, bytes] of split.entries()) {
          await this.#host.carry(node, { group, shard: number, fence, key, part, bytes });
        }
      } catch (error) {
        const why = (error as Error).message;
        log.warn("{node} does not take what {name} has left: {why}", { node, name: group, why });
        return false;
      }
    }
    return true;
  }

  /** Of one that is too large nothing goes over. */
  #split(key: string, state: unknown): readonly Uint8Array[] {
    try {
      return splitState(state);
    } catch (error) {
      const why = (error as Error).message;
      log.error("What {name} has left is lost: {why}", { name: `${this.name}/${key}`, why });
      return [];
    }
  }

  /** Once it has come to rest. */
  #tell(): void {
    if (this.#left > 0) {
      const what =
        "{count} processes of {name} have nobody to hand over to: what they knew is lost";
      log.warn(what, { count: this.#left, name: this.name });
      this.#left = 0;
    }
    const { owned } = this;
    const isAtRest = owned === this.#before;
    this.#before = owned;
    if (!isAtRest || owned === this.#told) return;
    this.#told = owned;
    const { shards } = PLACEMENT;
    log.info("This node has {owned} of the {shards} shards of {name}", {
      owned,
      shards,
      name: this.name,
    });
  }
}
