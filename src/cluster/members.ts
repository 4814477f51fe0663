/**
 * The other nodes that this one has heard of, and its links with them.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import type { SharedPart } from "./machine/frame.ts";
import { createLinkMeter, type LinkMeter } from "./meter.ts";
import type { Hello } from "./nats/hello.ts";
import type { ReachabilityEvent } from "./reachability.ts";
import type { NodeIdentity } from "./remote_node.ts";
import { Session, type SessionHost } from "./session.ts";

const log = getLogger(["troupe", "cluster"]);

/** One that was not heard for so long is forgotten, until it says hello again. In milliseconds. */
const FORGET_AFTER_MS = 60_000;
const MAX_METERS = 1_000;

type MembersNeed = "isAway" | "carrierBytes" | "transmit" | "probe" | "nowMs";

/** What members are reached through. */
export interface MembersHost extends Pick<SessionHost, MembersNeed> {
  /** Somebody is up or down now. */
  changed(session: Session): void;
  /** Says hello to all, so that an unknown one answers. */
  ask(): void;
}

interface Member {
  readonly session: Session;
  readonly sinceMs: number;
}

/** The name of a node without the number of a worker. */
function machineOf(name: string): string {
  return name.replace(/\/[0-9]+@/, "@");
}

/** Sessions by the name of their nodes. */
export class Members implements SessionHost {
  readonly #host: MembersHost;
  readonly #members = new Map<string, Member>();
  /** They outlive the starts of a node: counters only rise. */
  readonly #meters = new Map<string, LinkMeter>();
  #askedMs = -Infinity;
  /** Batches of a start that this node does not know. */
  unknown = 0;

  constructor(readonly node: Node, host: MembersHost) {
    this.#host = host;
  }

  get sessions(): Session[] {
    return [...this.#members.values()].map(({ session }) => session);
  }

  /** The link with the node of a name. */
  get(name: string): Session | undefined {
    return this.#members.get(name)?.session;
  }

  /** Somebody said that it is there, or goes. Whether an answer is due. */
  hear({ name, incarnation, sinceMs, kind }: Hello): boolean {
    if (name === this.node.name) return this.#hearNamesake(incarnation);
    // Workers of one program are linked without a broker.
    if (machineOf(name) === machineOf(this.node.name)) return false;
    const known = this.#members.get(name);
    const isKnown = known?.session.peer.incarnation === incarnation;
    if (kind === "bye") {
      if (isKnown) this.#forget(name, known);
      return false;
    }
    if (isKnown) return kind === "ask";
    // Of two starts of a node the later one counts.
    if (known !== undefined && known.sinceMs > sinceMs) return false;
    if (known !== undefined) this.#forget(name, known);
    const session = new Session(this, { name, incarnation }, this.#meterOf(name));
    this.#members.set(name, { session, sinceMs });
    log.debug("Node {node} said hello", { node: name, incarnation });
    session.step({ type: "tick" });
    return kind === "ask";
  }

  /** A batch arrived. */
  arrive(from: NodeIdentity, bytes: Uint8Array): void {
    const known = this.#members.get(from.name);
    if (known?.session.peer.incarnation === from.incarnation) return known.session.arrive(bytes);
    this.unknown++;
    if (machineOf(from.name) === machineOf(this.node.name)) return;
    const nowMs = this.nowMs();
    if (nowMs - this.#askedMs < 1_000) return;
    this.#askedMs = nowMs;
    this.#host.ask();
  }

  /** Something that concerns all. */
  stepAll(event: ReachabilityEvent): void {
    for (const [name, member] of [...this.#members]) {
      const { session } = member;
      session.step(event);
      const isGone = session.phase === "down" && this.nowMs() - session.heardMs > FORGET_AFTER_MS;
      if (isGone && !this.isAway) this.#forget(name, member);
    }
  }

  // SessionHost

  get isAway(): boolean {
    return this.#host.isAway;
  }

  get carrierBytes(): number | undefined {
    return this.#host.carrierBytes;
  }

  nowMs(): number {
    return this.#host.nowMs();
  }

  transmit(to: NodeIdentity, bytes: Uint8Array, shared: readonly SharedPart[]): boolean {
    return this.#host.transmit(to, bytes, shared);
  }

  probe(to: NodeIdentity): ReturnType<SessionHost["probe"]> {
    return this.#host.probe(to);
  }

  changed(session: Session): void {
    this.#host.changed(session);
  }

  #meterOf(name: string): LinkMeter {
    const known = this.#meters.get(name);
    if (known !== undefined) return known;
    const meter = createLinkMeter();
    // Nodes with ever new names would fill the memory.
    if (this.#meters.size < MAX_METERS) this.#meters.set(name, meter);
    return meter;
  }

  #hearNamesake(incarnation: string): boolean {
    if (incarnation === this.node.incarnation) return false;
    log.error("Another node has the name of this one, {node}: neither can be told from the other", {
      node: this.node.name,
      incarnation,
    });
    return false;
  }

  #forget(name: string, { session }: Member): void {
    this.#members.delete(name);
    session.step({ type: "leaseLost" });
  }
}
