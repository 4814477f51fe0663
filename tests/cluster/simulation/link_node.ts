/**
 * The shell of links and monitors in the simulation: performs their effects.
 *
 * @module
 */

import type { Address, Ref } from "../../../src/actor/mod.ts";
import { Kept } from "../../../src/cluster/kept.ts";
import { confirms, type LinkState, openLink, stepLink } from "../../../src/cluster/link_state.ts";
import {
  type ReachabilityEvent,
  type ReachabilityState,
  startReachability,
  stepReachability,
} from "../../../src/cluster/reachability.ts";
import type { Packet, Said } from "./packet.ts";
import { Ties } from "./ties.ts";
import type { Start, World } from "./world.ts";

interface PeerSide {
  readonly incarnation: number;
  reachability: ReachabilityState;
  link: LinkState;
  queue: Said[];
  readonly kept: Kept<Said>;
  /** Monitors and links of the peer on actors here. */
  readonly watchedBy: Map<Ref, string>;
  readonly linkedBy: Map<Address, string>;
  /** Exit signals that were sent there, by the epoch of the link, and those that came from there. */
  readonly exits: { readonly id: number; readonly linkEpoch: number }[];
  readonly exitsSeen: Set<number>;
  /** Messages up to this number were sent before something that has arrived. */
  passed: number;
  accepted: number;
  delivered: number;
  lastId: number;
  /** Counted as lost: by holes of what came in, and by what is not confirmed of what went out. */
  lostIn: number;
  lostOut: number;
}

const NOTHING: readonly Said[] = Object.freeze([]);

export class LinkNode {
  /** By number of the node. */
  readonly peers: (PeerSide | undefined)[] = [];
  readonly ended = new Set<string>();
  readonly ties: Ties;
  #isAway = false;

  constructor(readonly world: World, readonly start: Start) {
    this.ties = new Ties(world, start.incarnation);
  }

  tick(): void {
    const isAway = !this.world.isConnected(this.start.index);
    const changed = isAway !== this.#isAway;
    this.#isAway = isAway;
    for (let index = 0; index < this.world.size; index++) {
      if (index === this.start.index) continue;
      // Who there is is told by their leases: announced, whether or not it was heard.
      const { incarnation } = this.world.starts[index]!;
      if (this.peers[index] === undefined) this.#meet(index, incarnation);
      if (changed) this.#step(index, { type: isAway ? "brokerLost" : "brokerBack" });
      this.#step(index, { type: "tick" });
    }
  }

  isolate(): void {
    this.peers.forEach((_, index) => this.#step(index, { type: "isolated" }));
    this.ties.lose();
  }

  send(to: number): void {
    const peer = this.peers[to];
    if (peer?.reachability.phase !== "up") return;
    if (this.#offer(to, { kind: "message", id: peer.accepted + 1 }, false)) peer.accepted++;
  }

  monitor(to: number, target: string): void {
    const node = this.#nodeInReach(to);
    const ref = this.ties.monitor(node, target);
    if (node !== undefined) this.#offer(to, { kind: "watch", ref, target }, true);
  }

  link(to: number, target: string): void {
    const node = this.#nodeInReach(to);
    const linker = this.ties.link(node, target);
    if (node !== undefined) this.#offer(to, { kind: "link", linker, target }, true);
  }

  /** An exit signal of its own accord. */
  exit(to: number): void {
    const peer = this.peers[to];
    if (peer === undefined || peer.reachability.phase === "down") return;
    const id = peer.exits.length + 1;
    peer.exits.push({ id, linkEpoch: peer.link.linkEpoch });
    this.#offer(to, { kind: "exit", id, after: peer.accepted }, true);
  }

  endTarget(target: string): void {
    if (this.ended.has(target)) return;
    this.ended.add(target);
    this.peers.forEach((peer, index) => {
      for (const [ref, watched] of peer?.watchedBy ?? []) {
        if (watched === target) this.#tell(index, { ref });
      }
      for (const [linker, linked] of peer?.linkedBy ?? []) {
        if (linked === target) this.#tell(index, { linker });
      }
    });
  }

  receive(packet: Packet): void {
    const known = this.peers[packet.from];
    if (known !== undefined && packet.incarnation < known.incarnation) return;
    if (known !== undefined && packet.incarnation > known.incarnation) {
      this.#step(packet.from, { type: "leaseLost" });
      this.#endLink(known);
      this.peers[packet.from] = undefined;
    }
    const peer = this.peers[packet.from] ?? this.#meet(packet.from, packet.incarnation);
    // It is meant for one that died here: dropped, and its sender learns of this one by its heartbeat.
    if (packet.to !== this.start.incarnation) return;
    const isConfirmed = confirms(peer.link, packet.ack) &&
      packet.linkEpoch === peer.link.linkEpoch;
    this.#step(packet.from, { type: "heard", linkEpoch: packet.linkEpoch, isConfirmed });
    this.#takeIn(packet, peer);
  }

  #takeIn(packet: Packet, peer: PeerSide): void {
    const { linkEpoch, seq, ack, envelopes } = packet;
    const count = envelopes.length;
    const [link, effects] = stepLink(peer.link, {
      type: "arrived",
      linkEpoch,
      seq,
      ack,
      envelopes: count,
      bytes: count,
    });
    peer.link = link;
    let deliverFrom = count;
    let lost = 0;
    for (const effect of effects) {
      if (effect.type === "deliver") deliverFrom = effect.skip;
      if (effect.type !== "gap") continue;
      lost = effect.lost;
      if (this.world.mutation !== "noGapCount") peer.lostIn += effect.lost;
    }
    if (this.world.mutation === "noSkip") deliverFrom = 0;
    for (let i = deliverFrom; i < count; i++) this.#hear(packet.from, peer, envelopes[i]!);
    if (lost === 0 || this.world.mutation === "noResync") return;
    this.#offer(packet.from, { kind: "resync", first: seq - lost, lost }, true);
    this.#repeat(packet.from);
  }

  #hear(from: number, peer: PeerSide, said: Said): void {
    switch (said.kind) {
      case "message":
        return this.#hearMessage(peer, said.id);
      case "watch":
        if (this.ended.has(said.target)) this.#tell(from, said);
        else peer.watchedBy.set(said.ref, said.target);
        return;
      case "link":
        if (this.ended.has(said.target)) this.#tell(from, said);
        else peer.linkedBy.set(said.linker, said.target);
        return;
      case "down":
        this.#assertPlace(peer, said);
        return this.ties.hearDown(said.ref);
      case "exit":
        this.#assertPlace(peer, said);
        if (said.linker !== undefined) return this.ties.hearExit(said.linker);
        if (peer.exitsSeen.has(said.id!)) this.world.fail(`exit signal ${said.id} came twice`);
        return void peer.exitsSeen.add(said.id!);
      case "forget":
        peer.watchedBy.clear();
        return peer.linkedBy.clear();
      case "resync":
        this.#resend(from, peer, said);
        return this.#repeat(from);
    }
  }

  #hearMessage(peer: PeerSide, id: number): void {
    if (id <= peer.lastId) this.world.fail(`${id} came after ${peer.lastId}`);
    if (id <= peer.passed) this.world.fail(`${id} came after a signal that was sent after it`);
    peer.lastId = id;
    peer.delivered++;
  }

  /** What was sent before it came before it, or never; what was sent after it comes after it. */
  #assertPlace(peer: PeerSide, { after, isAgain }: Extract<Said, { readonly after: number }>) {
    if (!isAgain && peer.lastId > after) {
      this.world.fail(`${peer.lastId} came before a signal that was sent before it`);
    }
    peer.passed = Math.max(peer.passed, after);
  }

  /** What of the hole must not be missing is said again. */
  #resend(to: number, peer: PeerSide, { first, lost }: Extract<Said, { kind: "resync" }>): void {
    if (this.world.mutation === "noResend") return;
    const kept = peer.kept.take(first, lost);
    if (kept === undefined) return this.#step(to, { type: "leaseLost" });
    for (const said of kept) {
      this.#offer(to, "after" in said ? { ...said, isAgain: true } : said, true);
    }
  }

  /** Says again what is watched there and linked to. */
  #repeat(to: number): void {
    const there = this.#nodeOf(to, this.peers[to]!.incarnation);
    this.#offer(to, { kind: "forget" }, true);
    for (const { ref, node, target } of this.ties.monitors()) {
      if (node === there) this.#offer(to, { kind: "watch", ref, target }, true);
    }
    for (const { linker, node, target } of this.ties.links()) {
      if (node === there) this.#offer(to, { kind: "link", linker, target }, true);
    }
  }

  /** Tells of the end of what was watched there, or linked to. */
  #tell(to: number, tie: { readonly ref: Ref } | { readonly linker: Address }): void {
    const { watchedBy, linkedBy, accepted: after } = this.peers[to]!;
    if ("ref" in tie) {
      watchedBy.delete(tie.ref);
      this.#offer(to, { kind: "down", ref: tie.ref, after }, true);
    } else {
      linkedBy.delete(tie.linker);
      this.#offer(to, { kind: "exit", linker: tie.linker, after }, true);
    }
  }

  #meet(index: number, incarnation: number): PeerSide {
    const reachability = startReachability(this.world.timeline.nowMs);
    const peer: PeerSide = {
      incarnation,
      reachability,
      link: openLink(reachability.linkEpoch),
      queue: [],
      kept: new Kept(),
      watchedBy: new Map(),
      linkedBy: new Map(),
      exits: [],
      exitsSeen: new Set(),
      passed: 0,
      accepted: 0,
      delivered: 0,
      lastId: 0,
      lostIn: 0,
      lostOut: 0,
    };
    this.peers[index] = peer;
    return peer;
  }

  #offer(to: number, said: Said, isSystem: boolean): boolean {
    const peer = this.peers[to]!;
    const [link, effects] = stepLink(peer.link, { type: "offer", bytes: 1, isSystem });
    peer.link = link;
    if (effects[0]!.type !== "accepted") return false;
    if (this.world.mutation === "signalsOvertake" && said.kind === "exit") peer.queue.unshift(said);
    else peer.queue.push(said);
    // A batch per turn: whatever comes within a millisecond.
    if (peer.queue.length === 1) {
      this.world.timeline.after(1, () => this.world.runOn(this.start, () => this.#flush(to)));
    }
    return true;
  }

  #flush(to: number): void {
    const peer = this.peers[to];
    if (peer !== undefined && peer.queue.length > 0) this.#transmit(to, peer);
  }

  #transmit(to: number, peer: PeerSide): void {
    const envelopes = peer.queue.length === 0 ? NOTHING : peer.queue;
    if (envelopes.length > 0) peer.queue = [];
    const count = envelopes.length;
    const [link, [head]] = stepLink(peer.link, {
      type: "transmit",
      envelopes: count,
      bytes: count,
    });
    peer.link = link;
    if (head?.type !== "head") throw new Error("no head");
    const { linkEpoch, seq, ack } = head;
    for (let i = 0; i < count; i++) peer.kept.add(seq + i, envelopes[i]!);
    const { index: from, incarnation } = this.start;
    const packet = { from, incarnation, to: peer.incarnation, linkEpoch, seq, ack, envelopes };
    this.world.transmit(this.start, to, packet);
  }

  #step(index: number, event: ReachabilityEvent): void {
    const peer = this.peers[index];
    if (peer === undefined) return;
    const { nowMs } = this.world.timeline;
    const [next, effects] = stepReachability(peer.reachability, event, this.#isAway, nowMs);
    peer.reachability = next;
    for (const effect of effects) {
      if (effect.type === "heartbeat") this.#transmit(index, peer);
      if (effect.type === "probe") {
        this.world.probe(this.start, index, (type) => {
          if (this.peers[index] === peer) this.#step(index, { type });
        });
      }
      if (effect.type === "nodeDown") this.ties.lose(this.#nodeOf(index, peer.incarnation));
      if (effect.type === "relink") {
        this.#endLink(peer);
        peer.link = openLink(effect.linkEpoch);
      }
    }
  }

  #endLink(peer: PeerSide): void {
    const [, [effect]] = stepLink(peer.link, { type: "end" });
    if (effect?.type === "unconfirmed") peer.lostOut += effect.lost;
    peer.queue = [];
    peer.kept.clear();
    peer.watchedBy.clear();
    peer.linkedBy.clear();
  }

  #nodeInReach(index: number): string | undefined {
    const peer = this.peers[index];
    return peer?.reachability.phase === "up" ? this.#nodeOf(index, peer.incarnation) : undefined;
  }

  #nodeOf(index: number, incarnation: number): string {
    return `n${index}/${incarnation}`;
  }
}
