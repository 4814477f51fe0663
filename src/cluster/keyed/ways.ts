/**
 * The ways from this node to the keyed processes of one name, wherever they live.
 *
 * @module
 */

import type {
  Envelope,
  InspectRecord,
  Peer,
  PlacementHost,
  Recipient,
  Refusal,
  SendResult,
} from "../../actor/mod.ts";
import { getLogger } from "../../telemetry/mod.ts";
import type { ClaimEntry } from "../claim.ts";
import { type Door, LocalDoor, MessageParcel, type Parcel, RemoteDoor } from "./parcels.ts";
import { isDirect, type RouteEvent, type RouteState, stepRoute, UNKNOWN_ROUTE } from "./route.ts";
import { Seat } from "./seat.ts";

const log = getLogger(["troupe", "cluster"]);

/** A seat that nobody has watched for so long is given up, in milliseconds. */
const EMPTY_SEAT_MS = 60_000;

/** What the ways of one name need. */
export interface WaysHost {
  readonly node: string;
  readonly placement: PlacementHost;
  nowMs(): number;
  shardOf(key: string): number;
  /** Who owns a shard, as far as this node was told. */
  entryOf(shard: number): ClaimEntry | undefined;
  /** Whether the processes of a shard are this node's, and take messages. */
  runsHere(shard: number): boolean;
  /** Why nothing can be sent elsewhere. */
  readonly isCut: boolean;
  /** Whether a node gives no sign of itself, and is not given up yet. */
  isSuspect(node: string): boolean;
  /** Asks the owner of a shard whether it takes messages. */
  ask(owner: string, shard: number, revision: number): void;
  /** A seat has ended. */
  left(seat: Seat): void;
  sat(seat: Seat): void;
}

/** One shard. */
interface Way {
  readonly shard: number;
  state: RouteState;
  queue: Parcel[];
  readonly seats: Map<string, Seat>;
  isFlushing: boolean;
}

/** All of one name. */
export class Ways {
  readonly #host: WaysHost;
  readonly #ways = new Map<number, Way>();
  /** Of those that are lost, the ones that were given up since the last look. */
  #dropped = 0;
  /** Messages that were accepted, and reached nobody. */
  lost = 0;

  constructor(readonly name: string, host: WaysHost) {
    this.#host = host;
  }

  /** Messages that wait. */
  get parked(): number {
    let sum = 0;
    for (const { queue } of this.#ways.values()) sum += queue.length;
    return sum;
  }

  /** Who takes messages for a key. */
  find(key: string): Recipient | Refusal {
    const shard = this.#host.shardOf(key);
    if (this.#isOpenHere(shard)) return this.#locate(key);
    if (this.#host.isCut) return "unreachable";
    const way = this.#ways.get(shard);
    const remote = way !== undefined && isDirect(way.state) && this.#remoteOf(shard);
    if (remote) return remote.named(`${this.name}/${key}`);
    return this.#isSuspect(shard) ? "unreachable" : new Later(this, key);
  }

  /** What stands here for the process of a key. */
  seat(key: string, starts: boolean): Peer | Refusal {
    const shard = this.#host.shardOf(key);
    if (this.#isOpenHere(shard)) {
      const found = starts ? this.#locate(key) : undefined;
      if (typeof found === "string") return found;
    } else if (this.#host.isCut) return "unreachable";
    const way = this.#way(shard);
    if (this.#isLate(way)) return "unreachable";
    let seat = way.seats.get(key);
    if (seat === undefined) {
      const { placement } = this.#host;
      const host = {
        placement,
        take: (parcel: Parcel) => this.#take(way, parcel),
        door: () => this.#door(shard),
        owner: () => this.#owner(shard),
        left: (each: Seat) => this.#leave(way, each),
      };
      seat = new Seat(host, `${this.name}/${key}`, key, this.#host.nowMs());
      way.seats.set(key, seat);
      this.#host.sat(seat);
    }
    return seat;
  }

  /** Sends a message of this node. */
  offer(key: string, envelope: Envelope, beyondBound: boolean, to: { node: string }): SendResult {
    const shard = this.#host.shardOf(key);
    const parcel = new MessageParcel(key, envelope, beyondBound, to, this.#host.placement);
    const isKept = this.#door(shard) === undefined;
    return isKept && this.#isSuspect(shard) ? "unreachable" : this.#take(this.#way(shard), parcel);
  }

  /** Gives something to the owner, or keeps it until there is one. */
  #take(way: Way, parcel: Parcel): SendResult {
    const door = this.#door(way.shard);
    if (door !== undefined) return parcel.give(door);
    if (this.#host.isCut) return "unreachable";
    const [effect] = this.#step(way, { type: "offer" }, parcel);
    return effect === "full" ? "full" : "accepted";
  }

  /** The owner takes no more: what is sent from now on waits for the next one. */
  moving(shard: number, fence: number, wasHere = false): void {
    const way = this.#ways.get(shard);
    if (way === undefined) {
      // Only what is known can be asked about later.
      this.#step(this.#way(shard), { type: "moving", fence });
      return;
    }
    this.#step(way, { type: "moving", fence });
    if (wasHere) this.#unseat(way, "moved");
  }

  /** What is known of the owner of a shard may have changed. */
  look(shard: number): void {
    const way = this.#ways.get(shard);
    if (way === undefined) return;
    this.#step(way, { type: "look" });
    this.#flush(way);
  }

  /** An owner has answered. */
  answer(shard: number, revision: number, isReady: boolean): void {
    const way = this.#ways.get(shard);
    if (way !== undefined) this.#step(way, { type: "answer", revision, isReady });
  }

  /** A node is reachable now, or is not any more. */
  lookAt(node: string): void {
    for (const way of [...this.#ways.values()]) {
      if (this.#host.entryOf(way.shard)?.owner.node === node) this.look(way.shard);
    }
  }

  /** A node did not hear of some of what was said: what is watched there is said again. */
  repeat(node: string): void {
    for (const { seats } of this.#ways.values()) {
      for (const seat of seats.values()) if (seat.node === node) seat.repeat();
    }
  }

  tick(): void {
    const oldMs = this.#host.nowMs() - EMPTY_SEAT_MS;
    for (const way of [...this.#ways.values()]) {
      if (way.state.sinceMs !== undefined) this.#step(way, { type: "tick" });
      this.#flush(way);
      for (const seat of way.seats.values()) {
        if (!seat.isTaken && seat.sinceMs < oldMs) seat.end("normal");
      }
      const isIdle = way.seats.size === 0 && way.state === UNKNOWN_ROUTE;
      if (isIdle) this.#ways.delete(way.shard);
    }
    if (this.#dropped === 0) return;
    const { name } = this;
    log.warn("{lost} messages for {name} are given up: their shards have no owner", {
      lost: this.#dropped,
      name,
    });
    this.#dropped = 0;
  }

  /** Nothing can be sent any more. */
  close(): void {
    for (const way of this.#ways.values()) {
      this.#refuseAll(way, "unreachable");
      this.#unseat(way, "noconnection");
    }
  }

  #way(shard: number): Way {
    let way = this.#ways.get(shard);
    if (way === undefined) {
      way = { shard, state: UNKNOWN_ROUTE, queue: [], seats: new Map(), isFlushing: false };
      this.#ways.set(shard, way);
    }
    return way;
  }

  #isOpenHere(shard: number): boolean {
    return this.#host.runsHere(shard) && (this.#ways.get(shard)?.queue.length ?? 0) === 0;
  }

  /** No other node is to be waited for: its owner is one that may come back, or be given up. */
  #isSuspect(shard: number): boolean {
    const owner = this.#host.entryOf(shard)?.owner;
    return owner !== undefined && this.#host.isSuspect(owner.node);
  }

  #isLate({ state: { sinceMs, parked } }: Way): boolean {
    return sinceMs !== undefined && parked === 0;
  }

  #locate(key: string): Recipient | Refusal {
    return this.#host.placement.group(this.name)?.locate(key) ?? "terminated";
  }

  /** The owner, if nothing waits for it. */
  #door(shard: number): Door | undefined {
    const way = this.#ways.get(shard);
    if (this.#isOpenHere(shard) || way !== undefined && isDirect(way.state)) {
      return this.#owner(shard);
    }
    return undefined;
  }

  #owner(shard: number): Door | undefined {
    const { placement, node } = this.#host;
    if (this.#host.runsHere(shard)) {
      const group = placement.group(this.name);
      return group && new LocalDoor(node, placement, group);
    }
    const remote = this.#remoteOf(shard);
    return remote && new RemoteDoor(placement, remote, this.name);
  }

  #remoteOf(shard: number) {
    const owner = this.#host.entryOf(shard)?.owner;
    const remote = owner && this.#host.placement.remote(owner.node);
    return remote?.incarnation === owner?.incarnation ? remote : undefined;
  }

  /** What became of an offer is the first of what is returned. */
  #step(way: Way, event: RouteEvent, parcel?: Parcel): readonly string[] {
    const { shard } = way;
    const revision = this.#host.entryOf(shard)?.revision ?? 0;
    const isReachable = this.#host.runsHere(shard) || this.#remoteOf(shard) !== undefined;
    const view = { revision, isReachable };
    const [next, effects] = stepRoute(way.state, event, view, this.#host.nowMs());
    way.state = next;
    const results: string[] = [];
    for (const effect of effects) {
      if (effect.type === "parked") way.queue.push(parcel!);
      if (effect.type === "parked" || effect.type === "full") results.push(effect.type);
      else if (effect.type === "unseat") this.#unseat(way, effect.why);
      else if (effect.type === "drop") this.#drop(way, effect.lost);
      else if (effect.type === "flush") this.#flush(way);
      else if (effect.type === "ask") this.#ask(shard, effect.revision);
    }
    return results;
  }

  #ask(shard: number, revision: number): void {
    const { node } = this.#host.entryOf(shard)!.owner;
    if (node !== this.#host.node) return this.#host.ask(node, shard, revision);
    const isReady = this.#host.runsHere(shard);
    queueMicrotask(() => this.answer(shard, revision, isReady));
  }

  /** In order; what an owner has no room for yet waits on. */
  #flush(way: Way): void {
    if (way.state.confirmed === 0 || way.isFlushing) return;
    const door = this.#owner(way.shard);
    if (door === undefined) return;
    way.isFlushing = true;
    let count = 0;
    for (let [first] = way.queue; first !== undefined; [first] = way.queue) {
      const result = first.give(door);
      const waiting = result === "full" ? door.capacity(first.key) : undefined;
      if (waiting !== undefined) {
        void waiting.then(() => this.#flush(way));
        break;
      }
      way.queue.shift();
      count++;
      if (result !== "accepted") this.#refuse(first, result);
    }
    way.isFlushing = false;
    if (count > 0) this.#step(way, { type: "sent", count });
  }

  #drop(way: Way, lost: number): void {
    this.#dropped += lost;
    this.#refuseAll(way, "full");
    this.#unseat(way, "noconnection");
  }

  #refuseAll(way: Way, why: Refusal): void {
    for (const parcel of way.queue.splice(0)) this.#refuse(parcel, why);
  }

  #refuse(parcel: Parcel, why: Refusal): void {
    if (parcel instanceof MessageParcel) this.lost++;
    parcel.refuse(why);
  }

  #unseat(way: Way, why: string): void {
    for (const seat of [...way.seats.values()]) seat.end(why);
  }

  #leave({ seats }: Way, seat: Seat): void {
    if (seats.get(seat.key) === seat) seats.delete(seat.key);
    this.#host.left(seat);
  }
}

/** For one message to the process of a key whose owner is not known yet. */
class Later implements Recipient {
  readonly #ways: Ways;
  readonly #key: string;
  node = "";

  constructor(ways: Ways, key: string) {
    this.#ways = ways;
    this.#key = key;
  }

  offer(envelope: Envelope, beyondBound: boolean = false): SendResult {
    return this.#ways.offer(this.#key, envelope, beyondBound, this);
  }

  capacity(): undefined {
    return undefined;
  }

  describe(): Promise<InspectRecord> {
    return Promise.reject(new Error(`Cannot inspect ${this.#key}: its owner is not known yet`));
  }
}
