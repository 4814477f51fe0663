/**
 * One shard that moves between nodes which send to it: the ways of `stepRoute`, with links that
 * keep their order and take their time, and a store that each node hears of late.
 *
 * @module
 */

import {
  type RouteEvent,
  type RouteState,
  stepRoute,
  UNKNOWN_ROUTE,
} from "../../../src/cluster/keyed/route.ts";

/** What happens next; numbers are taken modulo what there is. */
export interface Act {
  readonly kind: "send" | "deliver" | "hear" | "move" | "hurry" | "wait" | "cut";
  readonly a: number;
  readonly b: number;
}

/** A step that is left out, to see that it is missed. */
export type Mutation =
  | "none"
  /** The owner does not wait until the others hold back. */
  | "noBarrier"
  /** The others do not hold back, although they say so. */
  | "noParking"
  /** What is new overtakes what waits. */
  | "noFlush";

interface Said {
  readonly from: number;
  readonly number: number;
}

type Packet =
  | { readonly kind: "said"; readonly said: Said }
  | { readonly kind: "moving" | "held"; readonly fence: number }
  | { readonly kind: "ask"; readonly revision: number }
  | { readonly kind: "answer"; readonly revision: number; readonly isReady: boolean };

interface Entry {
  readonly revision: number;
  readonly owner: number;
}

interface Node {
  route: RouteState;
  queue: Said[];
  /** The store as it knows it. */
  known: Entry;
  news: Entry[];
  /** The revision under which it takes messages; 0: it does not. */
  open: number;
  /** Whom it waits for before it closes. */
  awaited: Set<number> | undefined;
  next: number;
  accepted: number;
  said: number;
}

const SIZE = 3;

export class Moves {
  readonly #mutation: Mutation;
  readonly #nodes: Node[];
  readonly #links = new Map<string, Packet[]>();
  #entry: Entry = { revision: 1, owner: 0 };
  #nowMs = 0;
  /** All that owners have taken, in order. */
  readonly taken: Said[] = [];
  lost = 0;
  moves = 0;
  parked = 0;

  constructor(mutation: Mutation) {
    this.#mutation = mutation;
    this.#nodes = Array.from({ length: SIZE }, (_, index) => ({
      route: UNKNOWN_ROUTE,
      queue: [],
      known: this.#entry,
      news: [],
      open: index === 0 ? 1 : 0,
      awaited: undefined,
      next: 0,
      accepted: 0,
      said: 0,
    }));
  }

  act({ kind, a, b }: Act): void {
    const index = a % SIZE;
    switch (kind) {
      case "send":
        return this.#send(index);
      case "deliver":
        return this.#deliver(index, (index + 1 + b % (SIZE - 1)) % SIZE);
      case "hear":
        return this.#hear(index);
      case "move":
        return this.#begin((this.#entry.owner + 1 + b % (SIZE - 1)) % SIZE);
      case "hurry":
        return this.#close(this.#entry.owner);
      case "wait":
        this.#nowMs += b * 20;
        for (let each = 0; each < SIZE; each++) this.#step(each, { type: "tick" });
        return;
      case "cut":
        // A link that is begun anew has lost what was on its way.
        return this.#cut(index, (index + 1 + b % (SIZE - 1)) % SIZE);
    }
  }

  /** Until nothing is on its way. */
  settle(): void {
    for (let round = 0; round < 50; round++) {
      for (let from = 0; from < SIZE; from++) {
        this.#hear(from);
        for (let to = 0; to < SIZE; to++) this.#deliver(from, to);
      }
      // Who was to hold back does not say so any more.
      if (round === 20) this.#close(this.#entry.owner);
      for (let each = 0; each < SIZE; each++) this.#step(each, { type: "tick" });
    }
  }

  /** The first thing that must not be. */
  get violation(): string | undefined {
    for (const [index, { accepted, queue }] of this.#nodes.entries()) {
      const own = this.taken.filter(({ from }) => from === index).map(({ number }) => number);
      if (own.some((number, i) => i > 0 && number === own[i - 1])) return "something came twice";
      if (own.some((number, i) => i > 0 && number < own[i - 1]!)) return "something came late";
      if (queue.length > 0) return "something waits for ever";
      if (own.length > accepted) return "something came twice";
    }
    const accepted = this.#nodes.reduce((sum, each) => sum + each.accepted, 0);
    if (this.taken.length + this.lost !== accepted) {
      return `${accepted} accepted, ${this.taken.length} taken, ${this.lost} counted as lost`;
    }
    return undefined;
  }

  #send(index: number): void {
    const node = this.#nodes[index]!;
    const said = { from: index, number: ++node.said };
    if (node.open !== 0 && node.queue.length === 0) {
      node.accepted++;
      this.taken.push(said);
      return;
    }
    this.#step(index, { type: "offer" }, said);
  }

  #step(index: number, event: RouteEvent, said?: Said): void {
    const node = this.#nodes[index]!;
    const { revision, owner } = node.known;
    const view = { revision, isReachable: owner !== index || node.open !== 0 };
    const [next, effects] = stepRoute(node.route, event, view, this.#nowMs);
    node.route = next;
    for (const effect of effects) {
      if (effect.type === "direct" || effect.type === "parked") node.accepted++;
      if (effect.type === "direct") this.#give(index, said!);
      else if (effect.type === "parked") {
        this.parked++;
        if (this.#mutation === "noFlush") node.queue.unshift(said!);
        else node.queue.push(said!);
      } else if (effect.type === "flush") this.#flush(index);
      else if (effect.type === "drop") {
        this.lost += effect.lost;
        node.queue = [];
      } else if (effect.type === "ask") this.#ask(index, effect.revision);
    }
  }

  #ask(index: number, revision: number): void {
    const { owner } = this.#nodes[index]!.known;
    if (owner !== index) return this.#put(index, owner, { kind: "ask", revision });
    this.#step(index, { type: "answer", revision, isReady: this.#nodes[index]!.open === revision });
  }

  #flush(index: number): void {
    const waiting = this.#nodes[index]!.queue.splice(0);
    for (const said of waiting) this.#give(index, said);
    this.#step(index, { type: "sent", count: waiting.length });
  }

  #give(index: number, said: Said): void {
    const { known: { owner }, open } = this.#nodes[index]!;
    if (owner !== index) this.#put(index, owner, { kind: "said", said });
    else if (open !== 0) this.taken.push(said);
    else this.lost++;
  }

  #begin(to: number): void {
    const { owner, revision } = this.#entry;
    const node = this.#nodes[owner]!;
    if (node.open !== revision || node.awaited !== undefined) return;
    node.next = to;
    node.awaited = new Set();
    for (let peer = 0; peer < SIZE; peer++) {
      if (peer === owner) continue;
      node.awaited.add(peer);
      this.#put(owner, peer, { kind: "moving", fence: revision });
    }
    if (this.#mutation === "noBarrier") this.#close(owner);
  }

  /** Takes no more, and gives the shard to the next one. */
  #close(index: number): void {
    const node = this.#nodes[index]!;
    if (node.awaited === undefined) return;
    node.awaited = undefined;
    node.open = 0;
    this.moves++;
    this.#step(index, { type: "moving", fence: this.#entry.revision });
    this.#entry = { revision: this.#entry.revision + 1, owner: node.next };
    for (const { news } of this.#nodes) news.push(this.#entry);
  }

  #hear(index: number): void {
    const node = this.#nodes[index]!;
    const entry = node.news.shift();
    if (entry === undefined) return;
    node.known = entry;
    if (entry.owner === index && entry.revision === this.#entry.revision) {
      node.open = entry.revision;
    }
    this.#step(index, { type: "look" });
  }

  #put(from: number, to: number, packet: Packet): void {
    const way = `${from} ${to}`;
    const link = this.#links.get(way);
    if (link === undefined) this.#links.set(way, [packet]);
    else link.push(packet);
  }

  #cut(from: number, to: number): void {
    const packets = this.#links.get(`${from} ${to}`)?.splice(0) ?? [];
    for (const packet of packets) {
      if (packet.kind === "said") this.lost++;
      // Who asked is told that nobody answers.
      if (packet.kind === "ask") {
        this.#step(from, { type: "answer", revision: packet.revision, isReady: false });
      }
      if (packet.kind === "answer") {
        this.#step(to, { type: "answer", revision: packet.revision, isReady: false });
      }
    }
  }

  #deliver(from: number, to: number): void {
    const packet = this.#links.get(`${from} ${to}`)?.shift();
    if (packet === undefined) return;
    const node = this.#nodes[to]!;
    switch (packet.kind) {
      case "said":
        if (node.open !== 0) this.taken.push(packet.said);
        else this.lost++;
        return;
      case "moving":
        if (this.#mutation !== "noParking") {
          this.#step(to, { type: "moving", fence: packet.fence });
        }
        return this.#put(to, from, { kind: "held", fence: packet.fence });
      case "held":
        node.awaited?.delete(from);
        if (node.awaited?.size === 0) this.#close(to);
        return;
      case "ask": {
        const { revision } = packet;
        const isReady = node.open === revision;
        return this.#put(to, from, { kind: "answer", revision, isReady });
      }
      case "answer":
        return this.#step(to, { ...packet, type: "answer" });
    }
  }
}
