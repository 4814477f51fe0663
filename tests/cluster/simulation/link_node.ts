/**
 * The shell of links and monitors in the simulation: performs their effects.
 *
 * @module
 */

import type { Address, Ref } from "../../../src/actor/mod.ts";
import { type FiredMonitor, Relations } from "../../../src/actor/relations.ts";
import { confirms, type LinkState, openLink, stepLink } from "../../../src/cluster/link_state.ts";
import {
  type ReachabilityEvent,
  type ReachabilityState,
  startReachability,
  stepReachability,
} from "../../../src/cluster/reachability.ts";
import type { Start, World } from "./world.ts";

type Said =
  | { readonly kind: "message"; readonly id: number }
  | { readonly kind: "watch"; readonly ref: Ref; readonly target: string }
  | { readonly kind: "down"; readonly ref: Ref }
  | { readonly kind: "resync" };

/** One batch on its way. */
export interface Packet {
  readonly from: number;
  readonly incarnation: number;
  /** The start of the receiver that is meant, as far as the sender knows. */
  readonly to: number;
  readonly linkEpoch: number;
  readonly seq: number;
  readonly ack: number;
  readonly envelopes: readonly Said[];
}

interface PeerSide {
  readonly incarnation: number;
  reachability: ReachabilityState;
  link: LinkState;
  queue: Said[];
  /** Monitors of the peer on actors here. */
  watchedBy: Map<Ref, string>;
  accepted: number;
  delivered: number;
  lastId: number;
  /** Counted as lost: by holes of what came in, and by what is not confirmed of what went out. */
  lostIn: number;
  lostOut: number;
}

const NOTHING: readonly Said[] = Object.freeze([]);
const WATCHER = "w" as Address;

export class LinkNode {
  /** By number of the node. */
  readonly peers: (PeerSide | undefined)[] = [];
  readonly ended = new Set<string>();
  /** The same that a node keeps: who watches here has one address. */
  readonly #relations = new Relations();
  readonly fired = new Map<Ref, number>();
  #refs = 0;
  #isAway = false;

  constructor(readonly world: World, readonly start: Start) {}

  /** Monitors that have not fired. */
  watches(): { readonly ref: Ref; readonly node: string; readonly target: string }[] {
    const targets = this.#relations.addresses((address) => address !== WATCHER);
    return targets.flatMap((address) => {
      const [name, incarnation, target = ""] = address.split("/");
      const node = `${name}/${incarnation}`;
      return [...this.#relations.watchersOf(address)].map(([ref]) => ({ ref, node, target }));
    });
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
    this.#endAll(() => true);
  }

  send(to: number): void {
    const peer = this.peers[to];
    if (peer?.reachability.phase !== "up") return;
    if (this.#offer(to, { kind: "message", id: peer.accepted + 1 }, false)) peer.accepted++;
  }

  monitor(to: number, target: string): void {
    const peer = this.peers[to];
    const ref = `${this.start.incarnation}/${++this.#refs}` as Ref;
    this.fired.set(ref, 0);
    if (peer?.reachability.phase !== "up") return this.#fire([{ ref }]);
    const node = this.#nodeOf(to, peer.incarnation);
    this.#relations.monitor(ref, WATCHER, `${node}/${target}` as Address);
    this.#offer(to, { kind: "watch", ref, target }, true);
  }

  endTarget(target: string): void {
    if (this.ended.has(target)) return;
    this.ended.add(target);
    this.peers.forEach((peer, index) => {
      for (const [ref, watched] of peer?.watchedBy ?? []) {
        if (watched === target) this.#tell(index, ref);
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
    let hasGap = false;
    for (const effect of effects) {
      if (effect.type === "deliver") deliverFrom = effect.skip;
      if (effect.type !== "gap") continue;
      hasGap = true;
      if (this.world.mutation !== "noGapCount") peer.lostIn += effect.lost;
    }
    if (this.world.mutation === "noSkip") deliverFrom = 0;
    for (let i = deliverFrom; i < count; i++) this.#hear(packet.from, peer, envelopes[i]!);
    if (hasGap && this.world.mutation !== "noResync") this.#resync(packet.from);
  }

  /** Something was lost on its way here: what is watched is said again, at both ends. */
  #resync(index: number): void {
    this.#offer(index, { kind: "resync" }, true);
    this.#sayWatches(index);
  }

  #hear(from: number, peer: PeerSide, said: Said): void {
    switch (said.kind) {
      case "message":
        if (said.id <= peer.lastId) this.world.fail(`${said.id} came after ${peer.lastId}`);
        peer.lastId = said.id;
        peer.delivered++;
        return;
      case "watch":
        if (this.ended.has(said.target)) this.#tell(from, said.ref);
        else peer.watchedBy.set(said.ref, said.target);
        return;
      case "down":
        return this.#hearDown(said.ref);
      case "resync":
        return this.#sayWatches(from);
    }
  }

  #sayWatches(to: number): void {
    const here = this.#nodeOf(to, this.peers[to]!.incarnation);
    for (const { ref, node, target } of this.watches()) {
      if (node === here) this.#offer(to, { kind: "watch", ref, target }, true);
    }
  }

  #tell(to: number, ref: Ref): void {
    this.peers[to]!.watchedBy.delete(ref);
    this.#offer(to, { kind: "down", ref }, true);
  }

  #meet(index: number, incarnation: number): PeerSide {
    const reachability = startReachability(this.world.timeline.nowMs);
    const peer: PeerSide = {
      incarnation,
      reachability,
      link: openLink(reachability.linkEpoch),
      queue: [],
      watchedBy: new Map(),
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
    peer.queue.push(said);
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
      if (effect.type === "nodeDown") {
        const node = this.#nodeOf(index, peer.incarnation);
        this.#endAll((address) => address.startsWith(`${node}/`));
      }
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
    peer.watchedBy.clear();
  }

  #endAll(isMeant: (address: Address) => boolean): void {
    for (const address of this.#relations.addresses((each) => each !== WATCHER && isMeant(each))) {
      this.#fire(this.#relations.release(address).monitors);
    }
  }

  #hearDown(ref: Ref): void {
    const target = this.watches().find((watch) => watch.ref === ref);
    if (target === undefined) return;
    if (this.world.mutation !== "firesAgain") this.#relations.demonitor(WATCHER, ref);
    this.#fire([{ ref }]);
  }

  #fire(monitors: readonly Pick<FiredMonitor, "ref">[]): void {
    for (const { ref } of monitors) {
      const times = this.fired.get(ref)! + 1;
      this.fired.set(ref, times);
      if (times > 1) this.world.fail(`monitor ${ref} fired ${times} times`);
    }
  }

  #nodeOf(index: number, incarnation: number): string {
    return `n${index}/${incarnation}`;
  }
}
