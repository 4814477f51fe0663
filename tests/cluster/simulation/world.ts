/**
 * Several nodes, the network between them and their store, under a virtual clock.
 *
 * @module
 */

import { LinkNode } from "./link_node.ts";
import { KEYS, OwnerNode } from "./owner_node.ts";
import type { Packet } from "./packet.ts";
import { Store } from "./store.ts";
import { createRandom, Timeline } from "./timeline.ts";

/** A step that is left out, to see that it is missed. */
export type Mutation =
  | "none"
  /** A node acts without asking whether its lease is still good. */
  | "noFenceCheck"
  /** The store takes every write. */
  | "noCompareAndSet"
  /** A hole in the numbers is not counted. */
  | "noGapCount"
  /** After a hole nobody says again what is watched. */
  | "noResync"
  /** What arrives twice is delivered twice. */
  | "noSkip"
  /** A monitor that has fired stays armed. */
  | "firesAgain"
  /** A link whose exit signal came stays. */
  | "signalsAgain"
  /** An exit signal passes what waits for the same batch. */
  | "signalsOvertake"
  /** What is kept for it is not said again after a hole. */
  | "noResend";

/** One start of one node. */
export interface Start {
  readonly index: number;
  readonly name: string;
  readonly incarnation: number;
  owner: OwnerNode;
  links: LinkNode;
  isPaused: boolean;
  isDead: boolean;
  /** What came in while it was stopped. */
  readonly backlog: (() => void)[];
}

/** What goes wrong, from a random schedule. */
export interface Fault {
  readonly kind:
    | "cut"
    | "partition"
    | "brokerCut"
    | "brokerDown"
    | "pause"
    | "kill"
    | "stop"
    | "loss"
    | "twin";
  readonly atMs: number;
  readonly forMs: number;
  readonly a: number;
  readonly b: number;
}

const TICK_MS = 1_000;

// What can be broken: the way between two nodes, the broker, a node's way to it, reliability.
const MOST_NODES = 8;
const WAYS = MOST_NODES * MOST_NODES;
const BROKER = WAYS;
const LOSS = BROKER + 1 + MOST_NODES;

function wayOf(from: number, to: number): number {
  return from * MOST_NODES + to;
}

/** A key by its place among the keys, a name by the number of its node. */
function ownsKey({ owner }: Start, at: number): boolean {
  return owner.owns(at);
}

function ownsName({ index, owner }: Start, at: number): boolean {
  return index === at && owner.ownsName;
}

export class World {
  readonly timeline: Timeline;
  readonly store: Store;
  readonly random: () => number;
  readonly starts: Start[] = [];
  readonly #twins: Start[] = [];
  /** Ways that are broken, counted, since faults overlap. */
  readonly #broken = new Uint8Array(LOSS + 1);
  readonly #lastArrivalMs = new Int32Array(WAYS);
  readonly #lastFences = new Map<string, number>();
  #incarnations = 0;
  /** Shards that were given to another node, not only freed. */
  given = 0;
  /** The first invariant that did not hold. */
  violation: string | undefined;

  constructor(readonly size: number, seed: number, readonly mutation: Mutation, endMs: number) {
    this.timeline = new Timeline(endMs);
    this.random = createRandom(seed);
    this.store = new Store(this.timeline, mutation === "noCompareAndSet");
    for (let index = 0; index < size; index++) this.starts.push(this.#start(index, `n${index}`));
  }

  fail(what: string): void {
    this.violation ??= `${this.timeline.nowMs} ms: ${what}`;
  }

  /** Runs on a node when its process runs; never when it has died in between. */
  runOn(start: Start, run: () => void): void {
    if (start.isDead) return;
    if (start.isPaused) start.backlog.push(run);
    else run();
  }

  isConnected(index: number): boolean {
    return !this.#isBroken(BROKER) && !this.#isBroken(BROKER + 1 + index);
  }

  isPassable(from: number, to: number): boolean {
    return this.isConnected(from) && this.isConnected(to) && !this.#isBroken(wayOf(from, to));
  }

  /** In order for each pair of nodes; may be lost, or arrive twice. */
  transmit(from: Start, to: number, packet: Packet): void {
    if (!this.isPassable(from.index, to)) return;
    const isLossy = this.#isBroken(LOSS);
    if (isLossy && this.random() < 0.2) return;
    const copies = isLossy && this.random() < 0.1 ? 2 : 1;
    const way = wayOf(from.index, to);
    const { nowMs } = this.timeline;
    const arrive = () => this.#arrive(this.starts[to]!, packet);
    for (let i = 0; i < copies; i++) {
      const atMs = Math.max(this.#lastArrivalMs[way]!, this.#latency() + nowMs);
      this.#lastArrivalMs[way] = atMs;
      this.timeline.after(atMs - nowMs, arrive);
    }
  }

  #arrive(receiver: Start, packet: Packet): void {
    if (receiver.isPaused) this.runOn(receiver, () => receiver.links.receive(packet));
    else if (!receiver.isDead) receiver.links.receive(packet);
  }

  /** A request to the store: it may be lost, and so may its answer. */
  askStore(start: Start, ask: () => void, answer: () => void): void {
    if (!this.isConnected(start.index)) return;
    this.timeline.after(this.#latency(), () => {
      if (!this.isConnected(start.index)) return;
      ask();
      this.timeline.after(this.#latency(), () => {
        if (this.isConnected(start.index)) this.runOn(start, answer);
      });
    });
  }

  probe(
    from: Start,
    to: number,
    answer: (what: "noResponders" | "probeAnswered" | "probeTimedOut") => void,
  ) {
    const isThere = this.isPassable(from.index, to) && this.isPassable(to, from.index);
    const { isDead, isPaused } = this.starts[to]!;
    const what = !isThere || isPaused ? "probeTimedOut" : isDead ? "noResponders" : "probeAnswered";
    this.timeline.after(
      what === "probeTimedOut" ? 900 : 50,
      () => this.runOn(from, () => answer(what)),
    );
  }

  apply({ kind, forMs, a, b }: Fault): void {
    const first = a % this.size;
    const second = (first + 1 + b % (this.size - 1)) % this.size;
    switch (kind) {
      case "cut":
        return this.#break([wayOf(first, second)], forMs);
      case "partition":
        return this.#break(this.#waysAcross(a), forMs);
      case "brokerCut":
        return this.#break([BROKER + 1 + first], forMs);
      case "brokerDown":
        return this.#break([BROKER], forMs);
      case "loss":
        return this.#break([LOSS], forMs);
      case "pause":
        return this.#pause(this.starts[first]!, forMs);
      case "kill":
        return this.#end(first, forMs, false);
      case "stop":
        return this.#end(first, forMs, true);
      case "twin":
        if (!this.starts[first]!.isDead) this.#twins.push(this.#start(first, `n${first}`));
    }
  }

  /** Nobody acts as owner of a key or a node name beside another one. */
  checkOwners(): void {
    for (let at = 0; at < KEYS.length; at++) this.#checkOwner(KEYS[at]!, at, ownsKey);
    for (const { name, index } of this.#twins) this.#checkOwner(name, index, ownsName);
  }

  /** What an owner has left reaches the next one, and nobody after that. */
  ran(key: string, fence: number, from: number | undefined): void {
    const before = this.#lastFences.get(key);
    this.#lastFences.set(key, fence);
    if (from === undefined) return;
    this.given++;
    if (from !== before) this.fail(`${key} runs on what ${from} left, not ${before}`);
  }

  #checkOwner(what: string, at: number, owns: (start: Start, at: number) => boolean): void {
    let owner: Start | undefined;
    for (const starts of [this.starts, this.#twins]) {
      for (const start of starts) {
        if (start.isDead || start.isPaused || !owns(start, at)) continue;
        if (owner !== undefined) {
          this.fail(`${what} is owned by ${owner.incarnation} and ${start.incarnation}`);
        }
        owner = start;
      }
    }
  }

  #start(index: number, name: string): Start {
    const incarnation = ++this.#incarnations;
    const start = {
      index,
      name,
      incarnation,
      isPaused: false,
      isDead: false,
      backlog: [],
    } as Partial<Start> as Start;
    start.owner = new OwnerNode(this, start);
    start.links = new LinkNode(this, start);
    const isTwin = this.starts[index] !== undefined && !this.starts[index].isDead;
    const tick = () => {
      if (start.isDead) return;
      if (!start.isPaused) {
        start.owner.tick();
        if (!isTwin) start.links.tick();
      }
      this.timeline.after(TICK_MS, tick);
    };
    this.timeline.after(Math.floor(this.random() * TICK_MS), tick);
    return start;
  }

  #latency(): number {
    return 1 + Math.floor(this.random() * 60);
  }

  #isBroken(what: number): boolean {
    return this.#broken[what]! > 0;
  }

  #break(whats: readonly number[], forMs: number): void {
    for (const what of whats) this.#broken[what]!++;
    this.timeline.after(forMs, () => {
      for (const what of whats) this.#broken[what]!--;
    });
  }

  #waysAcross(mask: number): number[] {
    const indexes = Array.from({ length: this.size }, (_, index) => index);
    const side = (index: number) => (mask >> index) & 1;
    return indexes.flatMap((i) =>
      indexes.filter((j) => side(i) !== side(j)).map((j) => wayOf(i, j))
    );
  }

  #pause(start: Start, forMs: number): void {
    if (start.isPaused || start.isDead) return;
    start.isPaused = true;
    this.timeline.after(forMs, () => {
      start.isPaused = false;
      this.checkOwners();
      for (const run of start.backlog.splice(0)) this.runOn(start, run);
    });
  }

  #end(index: number, forMs: number, isClean: boolean): void {
    const start = this.starts[index]!;
    if (start.isDead || start.isPaused) return;
    if (isClean) start.owner.stop();
    start.isDead = true;
    this.timeline.after(forMs, () => this.starts[index] = this.#start(index, start.name));
  }
}
