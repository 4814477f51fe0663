/**
 * The spaces of subjects of a node, and the other nodes that have members.
 *
 * @module
 */

import { getLogger } from "../../telemetry/mod.ts";
import type { Clock, Timer } from "../../time/mod.ts";
import type { Cell } from "../cell.ts";
import type { Deadlines } from "../deadlines.ts";
import type { SendResult } from "../envelope.ts";
import { showError } from "../errors.ts";
import type { Ref } from "../identities.ts";
import type { Answer, RemoteNode } from "../peer.ts";
import { assertPlainData } from "../plain_data.ts";
import {
  type Interest,
  INTEREST_LIMITS,
  joinSubject,
  leaveSubject,
  type Lingering,
  takeLeft,
} from "./interest.ts";
import { PeerInterest } from "./peer_interest.ts";
import { Tally, TALLY_TIMEOUT_MS } from "./tally.ts";
import type { Publication, Subjects, SubjectSource } from "./types.ts";

const log = getLogger(["troupe", "actor"]);

/** What the spaces of a node need of it. */
export interface SpacesHost {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  createRef(): Ref;
}

/** All spaces that processes of a node have opened. */
export class SubjectSpaces {
  readonly #host: SpacesHost;
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenSpace>();
  readonly #peers = new Set<PeerInterest>();
  readonly #tallies = new Map<Ref, Tally>();
  #timer: Timer | undefined;

  constructor(host: SpacesHost) {
    this.#host = host;
    this.#clock = host.clock;
  }

  /** The other nodes. */
  get peers(): ReadonlySet<PeerInterest> {
    return this.#peers;
  }

  /**
   * Opens a space for a process, until that ends.
   *
   * @throws {TypeError} If another process of this node has it open.
   */
  open(name: string, source: SubjectSource, owner: Cell): Subjects {
    const found = this.#open.get(name);
    if (found !== undefined) {
      throw new TypeError(
        `Cannot open the subjects ${JSON.stringify(name)}: ${found.owner.address} has them open`,
      );
    }
    const space = new OpenSpace(this, name, source, owner);
    this.#open.set(name, space);
    for (const peer of this.#peers) {
      peer.opened(name);
      for (const subject of source.subjects()) peer.changed(name, subject, true);
    }
    owner.whenEnded(() => this.#close(space));
    return space;
  }

  /** There is another node: it is told all. */
  attach(remote: RemoteNode): PeerInterest {
    const peer = new PeerInterest(remote, () => this.#all());
    this.#peers.add(peer);
    return peer;
  }

  /** It is lost. */
  detach(peer: PeerInterest): void {
    peer.close();
    this.#peers.delete(peer);
    for (const tally of [...this.#tallies.values()]) tally.lose(peer.remote.name);
    if (this.#peers.size > 0) return;
    for (const { lingering } of this.#open.values()) lingering.clear();
    this.#stopTimer();
  }

  /** Takes in what was published on another node. */
  deliver({ remote }: PeerInterest, { space, subject, message, replyTo }: Publication): void {
    try {
      const value = this.#open.get(space)?.source.deliver(subject, message) ?? 0;
      if (replyTo !== undefined) remote.answer(replyTo, { kind: "value", value });
    } catch (error) {
      if (replyTo !== undefined) remote.answer(replyTo, { kind: "error", text: showError(error) });
      log.warn("What {node} published on {subject} of {space} was refused: {error}", {
        node: remote.name,
        subject,
        space,
        error,
      });
    }
  }

  /** Makes a tally of a publication. */
  count(space: string, here: number): readonly [Ref, Tally] {
    const ref = this.#host.createRef();
    const tally = new Tally(space, here, () => {
      this.#tallies.delete(ref);
      this.#host.deadlines.remove(tally, TALLY_TIMEOUT_MS);
    });
    this.#tallies.set(ref, tally);
    this.#host.deadlines.add(tally, TALLY_TIMEOUT_MS, this.nowMs());
    return [ref, tally];
  }

  /** Another node tells how many a publication reached; false if it is an answer to something else. */
  answer({ remote }: PeerInterest, ref: Ref, answer: Answer): boolean {
    const tally = this.#tallies.get(ref);
    tally?.take(remote.name, answer);
    return tally !== undefined;
  }

  /** Tells all nodes whether a subject is wanted. */
  tell(space: string, subject: string, isWanted: boolean): void {
    for (const peer of this.#peers) peer.changed(space, subject, isWanted);
  }

  /** Some subject is given up in a while. */
  lingers(): void {
    this.#timer ??= this.#clock.setTimeout(() => this.#giveUp(), INTEREST_LIMITS.lingerMs);
  }

  nowMs(): number {
    return this.#clock.now();
  }

  *#all(): Interest {
    for (const { name, source, lingering } of this.#open.values()) {
      yield [name, source.subjects()];
      // They were told of before: whoever joins again tells nobody.
      yield [name, lingering.keys()];
    }
  }

  #close(space: OpenSpace): void {
    space.isOpen = false;
    this.#open.delete(space.name);
    for (const tally of [...this.#tallies.values()]) {
      if (tally.space === space.name) tally.expire();
    }
    for (const peer of this.#peers) peer.gone(space.name);
    if (this.#open.size === 0) this.#stopTimer();
  }

  #giveUp(): void {
    this.#timer = undefined;
    const nowMs = this.nowMs();
    let firstMs = Infinity;
    for (const { name, lingering } of this.#open.values()) {
      for (const subject of takeLeft(lingering, nowMs)) this.tell(name, subject, false);
      for (const leaveAtMs of lingering.values()) {
        firstMs = Math.min(firstMs, leaveAtMs);
        break;
      }
    }
    if (firstMs === Infinity) return;
    this.#timer = this.#clock.setTimeout(() => this.#giveUp(), Math.max(1, firstMs - nowMs));
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

class OpenSpace implements Subjects {
  readonly #host: SubjectSpaces;
  readonly lingering: Lingering = new Map();
  isOpen = true;

  constructor(
    host: SubjectSpaces,
    readonly name: string,
    readonly source: SubjectSource,
    readonly owner: Cell,
  ) {
    this.#host = host;
  }

  get isAlone(): boolean {
    return !this.isOpen || this.#host.peers.size === 0;
  }

  get nodes(): string[] {
    if (this.isAlone) return [];
    return [...this.#host.peers].flatMap((peer) => peer.has(this.name) ? [peer.remote.name] : []);
  }

  joined(subject: string): void {
    if (this.isAlone) return;
    if (joinSubject(this.lingering, subject)) this.#host.tell(this.name, subject, true);
  }

  left(subject: string): void {
    if (this.isAlone) return;
    leaveSubject(this.lingering, subject, this.#host.nowMs());
    this.#host.lingers();
  }

  publish(subject: string, message: unknown): number {
    let taken = 0;
    this.#publish(subject, message, undefined, (_, result) => {
      if (result === "accepted") taken++;
    });
    return taken;
  }

  publishCounted(subject: string, message: unknown, here = 0): Promise<number> {
    if (this.isAlone) return Promise.resolve(here);
    const [replyTo, tally] = this.#host.count(this.name, here);
    try {
      this.#publish(subject, message, replyTo, (node, result) => {
        if (result === "accepted") tally.wait(node);
        else tally.miss(node, new Error(`Cannot publish on ${node}: it is ${result}`));
      });
    } finally {
      tally.settleIfDone();
    }
    return tally.settled;
  }

  #publish(
    subject: string,
    message: unknown,
    replyTo: Ref | undefined,
    told: (node: string, result: SendResult) => void,
  ): void {
    if (this.isAlone) return;
    let publication: Publication | undefined;
    for (const peer of this.#host.peers) {
      if (!peer.wants(this.name, subject)) continue;
      publication ??= this.#compose(subject, message, replyTo);
      told(peer.remote.name, peer.remote.tell(publication));
    }
  }

  #compose(subject: string, message: unknown, replyTo: Ref | undefined): Publication {
    assertPlainData(message, "publish the message");
    const publication = { kind: "publication", space: this.name, subject, message } as const;
    return replyTo === undefined ? publication : { ...publication, replyTo };
  }
}
