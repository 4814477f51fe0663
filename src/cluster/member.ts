/**
 * All that a member of a cluster has: a broker, links with the others, and what it owns.
 *
 * @module
 */

import {
  createSupervisor,
  isProcessName,
  NameTakenError,
  type Node,
  type Pid,
  type ProcessFunction,
} from "../actor/mod.ts";
import { getLogger, type LinkReading } from "../telemetry/mod.ts";
import type { Bus } from "./bus.ts";
import { ClusterError } from "./errors.ts";
import { Estate, taken } from "./estate.ts";
import { type GlobalGroup, keyOf, registered, supervised } from "./global_names.ts";
import type { KeyedGroupOptions } from "./keyed/placements.ts";
import { superviseKeyed } from "./keyed/supervised.ts";
import type { SharedPart } from "./machine/frame.ts";
import { PortBus } from "./machine/port_bus.ts";
import { Members, type MembersHost } from "./members.ts";
import { readLink } from "./meter.ts";
import { NatsBus } from "./nats/bus.ts";
import type { Hello } from "./nats/hello.ts";
import { NameLock } from "./nats/name_lock.ts";
import { Subjects } from "./nats/subjects.ts";
import type { ClusterOptions } from "./options.ts";
import type { NodeIdentity } from "./remote_node.ts";
import { type Hash, loadHash } from "./rendezvous.ts";
import type { Session, SessionHost } from "./session.ts";
import { Transport } from "./transport.ts";
import type { Cluster, ClusterPeer } from "./types.ts";

const log = getLogger(["troupe", "cluster"]);

const TICK_MS = 250;
const HELLO_MS = 5_000;
const POLL_MS = 20;

function toReading({ name, phase, credit, roundTripMs, meter }: Session): LinkReading {
  return readLink(meter, { node: name, isUp: phase === "up", credit, roundTripMs });
}

/** One node's part in a cluster. */
export class Member implements Cluster, MembersHost {
  readonly name: string;
  readonly #node: Node;
  readonly #subjects: Subjects;
  readonly #bus: Bus;
  readonly #members: Members;
  readonly #estate: Estate;
  readonly #lock: NameLock | undefined;
  readonly #sinceMs = Date.now();
  readonly #waiting = new Map<string, (() => void)[]>();
  #transport: Transport | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #helloMs = -Infinity;
  #leaving: Promise<void> | undefined;
  readonly #unwatch: readonly (() => void)[];

  private constructor(
    node: Node,
    options: ClusterOptions,
    hash: Hash,
    lock: NameLock | undefined,
  ) {
    this.name = options.name;
    this.#node = node;
    this.#lock = lock;
    this.#subjects = new Subjects(options.name);
    this.#members = new Members(node, this);
    this.#estate = new Estate({
      node,
      options,
      hash,
      lock,
      subjects: this.#subjects,
      sinceMs: this.#sinceMs,
      nowMs: () => this.nowMs(),
      isSuspect: (name) => this.#members.get(name)?.phase === "suspect",
      isolated: () => this.#members.stepAll({ type: "isolated" }),
    });
    const { telemetry } = node;
    this.#unwatch = [
      telemetry.watchLinks(() => this.#members.sessions.map(toReading)),
      telemetry.watchShards(() => this.#estate.placements.readings()),
    ];
    this.#bus = options.machine === undefined
      ? new NatsBus(options.nats!, node.name)
      : new PortBus(options.machine);
  }

  /** As `joinCluster`. */
  static async join(node: Node, options: ClusterOptions): Promise<Member> {
    const hash = await loadHash();
    const lock = await NameLock.take(options.stateDirectory, options.name, node.name);
    const member = new Member(node, options, hash, lock);
    member.#ticking = setInterval(() => member.#tick(), TICK_MS);
    try {
      await member.#bus.open({
        first: () => member.#begin(),
        away: () => member.#loseBroker(),
        back: () => member.#regainBroker(),
      });
    } catch (error) {
      await member.leave();
      throw error;
    }
    return member;
  }

  // Cluster

  get peers(): readonly ClusterPeer[] {
    return this.#members.sessions.map(({ peer, phase, meter, credit }) => ({
      ...peer,
      state: phase,
      link: meter,
      credit,
    }));
  }

  get trouble(): string | undefined {
    if (this.#bus.isUp) return this.#estate.trouble;
    return `the broker is away: ${this.#bus.why}`;
  }

  async whenUp(node: string): Promise<void> {
    if (this.#members.get(node)?.phase === "up") return;
    await new Promise<void>((resolve) => {
      this.#waiting.set(node, [...this.#waiting.get(node) ?? [], resolve]);
    });
  }

  async register(name: string, pid: Pid): Promise<void> {
    this.#assertName(name);
    const { names, ownership } = this.#estate;
    const ended = () => void names.remove(name);
    names.add(registered(this.#node, name, pid, ended));
    for (;;) {
      if (this.#node.whereis(name) === pid) return;
      const owner = ownership.entryOf(keyOf(name))?.owner;
      if (owner !== undefined && owner.incarnation !== this.#node.incarnation) {
        await names.remove(name);
        throw new NameTakenError(name, this.#node.whereis(name) ?? owner.node);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async unregister(name: string): Promise<void> {
    const { names, placements } = this.#estate;
    if (placements.has(name)) await placements.remove(name);
    else await names.remove(name);
  }

  spawnGlobal(
    name: string,
    run: ProcessFunction,
    { env = {} }: { readonly env?: Readonly<Record<string, unknown>> } = {},
  ): void {
    const start = (fence: number) =>
      this.#node.spawn(createSupervisor({
        strategy: "one-for-one",
        children: [{
          id: name,
          run,
          restart: "permanent",
          options: { name, env: { ...env, fence } },
        }],
      }));
    this.addGlobal({ name, instances: [name], start });
  }

  addGlobal(group: Pick<GlobalGroup, "name" | "instances"> & { start(fence: number): Pid }): void {
    this.#assertName(group.name);
    this.#estate.names.add(supervised(this.#node, group));
  }

  spawnKeyed(run: ProcessFunction): void {
    this.addKeyed(superviseKeyed(this.#node, run));
  }

  addKeyed(group: KeyedGroupOptions): void {
    this.#assertName(group.name);
    this.#estate.placements.add(group).catch((error) =>
      log.error("Keyed {name} is not placed: {error}", { name: group.name, error })
    );
  }

  fenceOf(name: string): number | undefined {
    const { ownership, placements } = this.#estate;
    return ownership.fenceOf(keyOf(name)) ?? placements.fenceOf(name);
  }

  leave(): Promise<void> {
    return this.#leaving ??= this.#leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  // MembersHost

  get isAway(): boolean {
    return !this.#bus.isUp;
  }

  get carrierBytes(): number | undefined {
    return this.#bus.maxPayload;
  }

  nowMs(): number {
    return performance.now();
  }

  transmit(to: NodeIdentity, bytes: Uint8Array, shared: readonly SharedPart[]): boolean {
    // What waited for the broker would come late, and out of turn.
    return this.#bus.isUp && this.#transport?.send({ to, bytes, shared }) === true;
  }

  probe(to: NodeIdentity): ReturnType<SessionHost["probe"]> {
    return this.#transport?.probe(to) ?? Promise.resolve("probeTimedOut");
  }

  ask(): void {
    this.#helloMs = this.nowMs();
    this.#transport?.hello("ask");
  }

  changed({ name, phase }: Session): void {
    if (phase !== "up") return;
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const resolve of waiting) resolve();
  }

  async #begin(): Promise<void> {
    const { name, incarnation } = this.#node;
    const holder = await Transport.whoIs(this.#bus, this.#subjects, name);
    if (holder !== undefined && holder.incarnation !== incarnation) {
      throw new ClusterError("node_name_taken", taken(name, holder.sinceMs));
    }
    await this.#estate.open(this.#bus);
    // It may have left meanwhile.
    if (this.#leaving !== undefined) return;
    const { machine } = this.#bus;
    const self = { name, incarnation, sinceMs: this.#sinceMs, machine };
    this.#transport = new Transport(this.#bus, this.#subjects, self, {
      hello: (hello) => this.#hear(hello),
      batch: (from, bytes) => this.#members.arrive(from, bytes),
    });
    this.ask();
  }

  #loseBroker(): void {
    this.#estate.away();
    this.#members.stepAll({ type: "brokerLost" });
  }

  #regainBroker(): void {
    this.#members.stepAll({ type: "brokerBack" });
    this.#estate.back();
    this.ask();
  }

  #hear(hello: Hello): void {
    const isAnswerDue = this.#members.hear(hello);
    if (isAnswerDue) this.#transport?.hello("here");
  }

  #tick(): void {
    this.#members.stepAll({ type: "tick" });
    this.#estate.tick();
    if (this.#bus.isUp && this.nowMs() - this.#helloMs >= HELLO_MS) this.ask();
  }

  #assertName(name: string): void {
    if (!isProcessName(name)) {
      throw new TypeError(
        `Cannot name a process ${JSON.stringify(name)}: expected letters, digits, "_", ".", ":" ` +
          'and "-", beginning with one of the first three',
      );
    }
    const { names, placements } = this.#estate;
    if (names.has(name) || placements.has(name)) {
      throw new TypeError(`Cannot make ${JSON.stringify(name)} global: it was made so before`);
    }
    if (this.#bus.isUp && !this.#estate.isOpen) {
      throw new ClusterError(
        "no_jetstream",
        `Cannot make ${JSON.stringify(name)} global: the NATS server has no JetStream`,
      );
    }
  }

  async #leave(): Promise<void> {
    await this.#estate.close();
    clearInterval(this.#ticking);
    for (const unwatch of this.#unwatch) unwatch();
    if (this.#bus.isUp) this.#transport?.hello("bye");
    await this.#bus.close();
    this.#members.stepAll({ type: "leaseLost" });
    this.#lock?.[Symbol.dispose]();
  }
}
