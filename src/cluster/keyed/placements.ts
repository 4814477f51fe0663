/**
 * Keyed processes of which each lives on one node of the cluster: which, and how it is reached.
 *
 * @module
 */

import {
  isDown,
  type KeyPlaces,
  type Node,
  type Peer,
  type Pid,
  type PlacedName,
  placeKeyed,
  type Placement,
  type PlacementHost,
  type PlainRecord,
  type Recipient,
  type Refusal,
} from "../../actor/mod.ts";
import { getLogger, type ShardReading } from "../../telemetry/mod.ts";
import { PLACEMENT } from "../limits.ts";
import type { Change } from "../store.ts";
import type { Ownership } from "../ownership.ts";
import { groupsOf } from "../records.ts";
import { parseShardKey, shardKey } from "../placement.ts";
import { type Hash, shardOf } from "../rendezvous.ts";
import { askNode, type ControlHost, type Shards, spawnControl } from "./control.ts";
import { Offer } from "./offer.ts";
import type { Seat } from "./seat.ts";
import { Stash, type StatePart } from "./states.ts";
import { Ways } from "./ways.ts";

const log = getLogger(["troupe", "cluster"]);

/** Keyed processes that this node takes its share of. */
export interface KeyedGroupOptions {
  /** Their name, as in `NAME/KEY`. */
  readonly name: string;
  /** Spawns what `keyed` gives for that name, below what ends with it. */
  start(): Pid;
  /**
   * What a process has as `env`, from what all of them have, and the fence of its shard, which
   * grows with each node that has it. Default: the fence is added as `fence`.
   */
  fenced?(env: PlainRecord, fence: number): PlainRecord;
}

/** How long a node waits for shards before it says that it does not have them, in milliseconds. */
const READY_MS = 1_000;
const ASK_MS = 2_000;
const CARRY_MS = 2_000;
/** So long a node that leaves waits for a store that does not answer, in milliseconds. */
const WITHDRAW_MS = 10_000;
const LOOK_MS = 20;
/** So long it is known of a seat that it moved, in milliseconds. */
const REMEMBER_MS = 10_000;

/** What placed processes need. */
export interface PlacementsHost {
  readonly node: Node;
  readonly ownership: Ownership;
  readonly hash: Hash;
  /** Whether what this node loses goes on until another node has it. */
  readonly keepsWhenIsolated: boolean;
  /** Whether a node gives no sign of itself, and is not given up yet. */
  isSuspect(node: string): boolean;
  nowMs(): number;
}

/** Keyed processes of one name. */
interface Named {
  readonly ways: Ways;
  offer: Offer | undefined;
  /** Ends with all of its processes. */
  top?: Pid;
}

/** What has been asked in this turn. */
interface Asked extends Shards {
  readonly node: string;
  readonly shards: number[];
  readonly revisions: number[];
}

function withFence(env: PlainRecord, fence: number): PlainRecord {
  return { ...env, fence };
}

/** All names. */
export class Placements implements Placement, ControlHost {
  readonly #host: PlacementsHost;
  readonly #placement: PlacementHost;
  readonly #names = new Map<string, Named>();
  readonly #stash = new Stash();
  readonly #seats = new Map<string, Seat>();
  readonly #moved = new Map<string, { readonly name: string; readonly untilMs: number }>();
  readonly #asked = new Map<string, Asked>();
  /** Messages of other nodes that came to the wrong one. */
  #strays = 0;

  constructor(host: PlacementsHost) {
    this.#host = host;
    this.#placement = placeKeyed(host.node, this);
  }

  /** Messages that wait. */
  get waiting(): number {
    return [...this.#names.values()].reduce((sum, { ways }) => sum + ways.parked, 0);
  }

  /** Takes shards of a name. */
  async add({ name, start, fenced = withFence }: KeyedGroupOptions): Promise<void> {
    const named = this.#name(name);
    const { node, ownership, hash, keepsWhenIsolated } = this.#host;
    const offer = named.offer = new Offer(name, {
      node,
      ownership,
      hash,
      keepsWhenIsolated,
      fenced,
      placement: this.#placement,
      stash: this.#stash,
      nowMs: () => this.#host.nowMs(),
      shardOf: (key) => this.#shardOf(name, key),
      hold: (shards) => this.#hold(shards),
      carry: (to, part) => askNode(node, to, { kind: "state", ...part }, CARRY_MS),
      closed: (shard, fence) => named.ways.moving(shard, fence, true),
      opened: (shard) => named.ways.look(shard),
    });
    named.top = start();
    this.#watch(name, named.top);
    offer.start();
    await ownership.offer(this.#offered());
  }

  /** If its processes cannot be started here any more, others may have them. */
  #watch(name: string, top: Pid): void {
    this.#host.node.spawn(async (self) => {
      self.monitor(top);
      for await (const envelope of self) if (isDown(envelope)) break;
      if (self.signal.aborted || !this.has(name)) return;
      log.error("Keyed {name} has given up here: its shards are left to other nodes", { name });
      await this.remove(name);
    });
  }

  /** Gives the shards of a name away. */
  async remove(name: string): Promise<void> {
    const offer = this.#names.get(name)?.offer;
    if (offer === undefined) return;
    const rest = this.#offered().filter((each) => each !== name);
    await this.#withdraw(rest);
    await this.#end(this.#names.get(name)!);
  }

  /** Gives all away. */
  async leave(): Promise<void> {
    const names = [...this.#names.values()].filter(({ offer }) => offer !== undefined);
    if (names.length > 0) await this.#withdraw([]);
    await Promise.all(names.map((named) => this.#end(named)));
  }

  /** Nobody is reached any more. */
  close(): void {
    for (const { ways } of this.#names.values()) ways.close();
  }

  /** Whether this node takes shards of a name. */
  has(name: string): boolean {
    return this.#names.get(name)?.offer !== undefined;
  }

  /** The fence under which this node may act for `NAME/KEY`. */
  fenceOf(target: string): number | undefined {
    const [, group, key] = /^([^/]+)\/(.+)$/s.exec(target) ?? [];
    if (group === undefined || !this.has(group)) return undefined;
    return this.#host.ownership.fenceOf(shardKey(group, this.#shardOf(group, key!)));
  }

  /** Something changed in the store. */
  change({ key, value }: Change): void {
    const found = parseShardKey(key);
    if (found === undefined) return;
    const { group, shard } = found;
    const named = value === undefined ? this.#names.get(group) : this.#name(group);
    named?.offer?.change(shard);
    named?.ways.look(shard);
  }

  /** Before ownership looks at what is due. */
  tick(): void {
    const nowMs = this.#host.nowMs();
    for (const { offer, ways } of this.#names.values()) {
      offer?.tick();
      ways.tick();
    }
    this.#stash.tick(nowMs);
    for (const [address, { untilMs }] of this.#moved) {
      if (untilMs < nowMs) this.#moved.delete(address);
    }
  }

  /** What is measured of each name. */
  readings(): ShardReading[] {
    return [...this.#names].map(([name, { offer, ways }]) => ({
      process: name,
      owned: offer?.owned ?? 0,
      movedIn: offer?.moves.in ?? 0,
      movedOut: offer?.moves.out ?? 0,
      waiting: ways.parked,
      lost: ways.lost,
    }));
  }

  // Placement

  find(group: string, key: string): Recipient | Refusal | undefined {
    return this.#names.get(group)?.ways.find(key);
  }

  seat(group: string, key: string, starts: boolean): Peer | Refusal | undefined {
    return this.#names.get(group)?.ways.seat(key, starts);
  }

  seatOf(address: string): Peer | undefined {
    return this.#seats.get(address);
  }

  placed(address: string): PlacedName | undefined {
    const seat = this.#seats.get(address);
    if (seat !== undefined) return { name: seat.name, hasMoved: false };
    const moved = this.#moved.get(address);
    return moved && { name: moved.name, hasMoved: true };
  }

  arrive(group: string, key: string): Peer | Refusal | undefined {
    const named = this.#names.get(group);
    if (named === undefined) return undefined;
    const isOpen = named.offer?.isOpen(this.#shardOf(group, key)) === true;
    if (isOpen) return this.#placement.group(group)?.locate(key) ?? "terminated";
    named.ways.lost++;
    if (this.#strays++ % 1_000 === 0) {
      log.warn("A message for {name} came to this node, which does not have it", {
        name: `${group}/${key}`,
        count: this.#strays,
      });
    }
    return "unreachable";
  }

  placesOf(group: string): KeyPlaces | undefined {
    return this.#names.get(group)?.offer;
  }

  attached(node: string): void {
    // Its link is not quite there yet.
    queueMicrotask(() => this.#lookAt(node));
  }

  detached(node: string): void {
    this.#lookAt(node);
  }

  repeat(node: string): void {
    for (const { ways } of this.#names.values()) ways.repeat(node);
  }

  // ControlHost

  moving({ group, shards, revisions }: Shards): void {
    const { ways } = this.#name(group);
    for (const [i, shard] of shards.entries()) {
      if (shard < PLACEMENT.shards) ways.moving(shard, revisions[i]!);
    }
  }

  async ready(shards: Shards): Promise<readonly number[]> {
    const offer = this.#names.get(shards.group)?.offer;
    return await offer?.awaitOpen(shards, READY_MS) ?? [];
  }

  state(part: StatePart): void {
    this.#stash.put(part, this.#host.nowMs());
  }

  /**
   * Takes shards of no more than these names. Whoever gets them must not want to give them back;
   * while the store chooses a new leader nothing can be made over to anybody.
   */
  async #withdraw(names: readonly string[]): Promise<void> {
    const { ownership, node } = this.#host;
    const untilMs = this.#host.nowMs() + WITHDRAW_MS;
    do {
      await ownership.offer(names);
      const lease = ownership.leases.get(node.name);
      if (lease === undefined || groupsOf(lease).length <= names.length) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    } while (ownership.isConnected && this.#host.nowMs() < untilMs);
  }

  async #end(named: Named): Promise<void> {
    await named.offer?.leave();
    named.offer = undefined;
    if (named.top !== undefined) await this.#host.node.exit(named.top);
  }

  #lookAt(node: string): void {
    for (const { ways } of this.#names.values()) ways.lookAt(node);
  }

  #shardOf(group: string, key: string): number {
    return shardOf(`${group}/${key}`, this.#host.hash);
  }

  #offered(): string[] {
    return [...this.#names].flatMap(([name, { offer }]) => offer === undefined ? [] : [name]);
  }

  #name(name: string): Named {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size === 0) spawnControl(this.#host.node, this);
    const named: Named = { ways: this.#createWays(name, () => named.offer), offer: undefined };
    this.#names.set(name, named);
    return named;
  }

  #createWays(name: string, offer: () => Offer | undefined): Ways {
    const { node, ownership } = this.#host;
    const keys = Array.from({ length: PLACEMENT.shards }, (_, shard) => shardKey(name, shard));
    return new Ways(name, {
      node: node.name,
      placement: this.#placement,
      nowMs: () => this.#host.nowMs(),
      shardOf: (key) => this.#shardOf(name, key),
      entryOf: (shard) => ownership.entryOf(keys[shard]!),
      runsHere: (shard) => offer()?.isOpen(shard) === true,
      get isCut() {
        return ["isolated", "refused", "stopped"].includes(ownership.phase);
      },
      isSuspect: (node) => this.#host.isSuspect(node),
      ask: (owner, shard, revision) => this.#ask(name, owner, shard, revision),
      sat: (seat) => void this.#seats.set(seat.address, seat),
      left: (seat) => this.#left(seat),
    });
  }

  #left({ address, name, hasMoved }: Seat): void {
    this.#seats.delete(address);
    const untilMs = this.#host.nowMs() + REMEMBER_MS;
    if (hasMoved) this.#moved.set(address, { name, untilMs });
  }

  async #hold(shards: Shards): Promise<void> {
    const { node } = this.#host;
    await Promise.all(this.#placement.remotes.map(async (peer) => {
      try {
        await askNode(node, peer, { kind: "moving", ...shards }, PLACEMENT.barrierMs);
      } catch (error) {
        log.debug("{peer} does not say that it holds back: {error}", { peer, error });
      }
    }));
  }

  #ask(group: string, node: string, shard: number, revision: number): void {
    const place = `${node}\n${group}`;
    let asked = this.#asked.get(place);
    if (asked === undefined) {
      asked = { node, group, shards: [], revisions: [] };
      this.#asked.set(place, asked);
      queueMicrotask(() => this.#askNow(place));
    }
    asked.shards.push(shard);
    asked.revisions.push(revision);
  }

  async #askNow(place: string): Promise<void> {
    const { node, ...shards } = this.#asked.get(place)!;
    this.#asked.delete(place);
    const ready = new Set<unknown>();
    try {
      const answer = await askNode(this.#host.node, node, { kind: "ready", ...shards }, ASK_MS);
      for (const shard of Array.isArray(answer) ? answer : []) ready.add(shard);
    } catch (error) {
      log.debug("{node} does not say whether it has shards: {error}", { node, error });
    }
    const ways = this.#names.get(shards.group)?.ways;
    for (const [i, shard] of shards.shards.entries()) {
      ways?.answer(shard, shards.revisions[i]!, ready.has(shard));
    }
  }
}
