/**
 * One start of another node, as this one reaches it: up, suspect or down, epoch after epoch.
 *
 * @module
 */

import type { Node, SendResult } from "../actor/mod.ts";
import { getLogger } from "../telemetry/mod.ts";
import { Channel, type ChannelHost } from "./channel.ts";
import { isForUsers, type LinkMessage } from "./link_message.ts";
import type { SharedPart } from "./machine/frame.ts";
import type { LinkMeter } from "./meter.ts";
import {
  type ReachabilityEffect,
  type ReachabilityEvent,
  type ReachabilityState,
  startReachability,
  stepReachability,
} from "./reachability.ts";
import { attachRemote, type Carrier, type LinkEnd, type NodeIdentity } from "./remote_node.ts";
import { decodeBatch } from "./wire.ts";

const log = getLogger(["troupe", "cluster"]);

const MEASURE_MS = 5_000;

/** What a session works for. */
export interface SessionHost {
  /** This node. */
  readonly node: Node;
  /** Whether this node's own connection to the carrier is away. */
  readonly isAway: boolean;
  /** Milliseconds, monotonic. */
  nowMs(): number;
  /** Most bytes that the carrier takes at once. Default 1 MiB. */
  readonly carrierBytes?: number | undefined;
  /** Gives bytes to the carrier, as `ChannelHost.transmit`. */
  transmit(to: NodeIdentity, bytes: Uint8Array, shared: readonly SharedPart[]): boolean;
  /** Asks whether anybody is there, of a node that has not been heard. */
  probe(to: NodeIdentity): Promise<"probeAnswered" | "probeTimedOut" | "noResponders">;
  /** The node is up or down now. */
  changed(session: Session): void;
}

/** Everything that this node has with one start of another one. */
export class Session implements ChannelHost, Carrier {
  readonly #host: SessionHost;
  readonly #channel: Channel;
  #state: ReachabilityState;
  #end: LinkEnd | undefined;
  #hasGap = false;
  #measuredMs = -Infinity;
  /** Time from a question to its answer, in milliseconds; 0 while none is known. */
  roundTripMs = 0;

  constructor(host: SessionHost, readonly peer: NodeIdentity, readonly meter: LinkMeter) {
    this.#host = host;
    this.#state = startReachability(host.nowMs());
    this.#channel = new Channel(this, this.#state.linkEpoch);
  }

  get name(): string {
    return this.peer.name;
  }

  /** `"down"` until it was heard, and hears this node. */
  get phase(): ReachabilityState["phase"] {
    return this.#state.phase;
  }

  /** When anything of it arrived, on the clock of the host. */
  get heardMs(): number {
    return this.#state.heardMs;
  }

  /** Bytes that may still be sent before something is confirmed. */
  get credit(): number {
    return this.#channel.credit;
  }

  // What this node has to say

  send(message: LinkMessage): SendResult & ("accepted" | "full" | "unreachable") {
    // What was promised to be told is told once it is back; nobody waits for the rest.
    if (this.#state.phase === "up" || !isForUsers(message)) return this.#channel.send(message);
    // Of the others, the sender is told.
    if (message.kind === "publication") this.meter.lost++;
    return "unreachable";
  }

  capacity(): Promise<void> | undefined {
    return this.#channel.capacity();
  }

  // What happens

  /** Bytes of this start of the node arrived. */
  arrive(bytes: Uint8Array): void {
    this.meter.bytesIn += bytes.length;
    const decoded = decodeBatch(bytes);
    if (!decoded.ok) {
      this.meter.refused++;
      log.warn("Cannot read what {node} sent: {why}", { node: this.name, why: decoded.why });
      return;
    }
    const { batch } = decoded;
    this.meter.refused += decoded.passedOver;
    const isConfirmed = this.#channel.isConfirmed(batch);
    this.step({ type: "heard", linkEpoch: batch.linkEpoch, isConfirmed });
    const wasHeard = this.#channel.isHeard;
    this.#channel.arrive(batch, bytes.length);
    // Each needs to hear that it was heard: the sooner it does, the sooner both are up.
    if (!wasHeard && this.#channel.isHeard) this.#channel.beat();
    if (this.#hasGap) this.#resync();
  }

  /** Anything else. */
  step(event: ReachabilityEvent): void {
    const { isAway } = this.#host;
    const before = this.#state.phase;
    const [next, effects] = stepReachability(this.#state, event, isAway, this.#host.nowMs());
    this.#state = next;
    if (next.phase === "suspect" && before === "up") {
      log.warn("Node {node} is suspect: {why}", { node: this.name, why: event.type });
    }
    for (const effect of effects) this.#perform(effect, event);
    if (event.type === "tick" && next.phase === "up") this.#measure();
  }

  // ChannelHost

  get carrierBytes(): number | undefined {
    return this.#host.carrierBytes;
  }

  transmit(bytes: Uint8Array, shared: readonly SharedPart[]): boolean {
    return this.#host.transmit(this.peer, bytes, shared);
  }

  deliver(message: LinkMessage): void {
    if (this.#end === undefined) this.meter.stale++;
    else this.#end.receive(message);
  }

  gap(): void {
    this.#hasGap = true;
  }

  overrun(): void {
    log.error("The link with {node} is given up: it does not take what must not be missing", {
      node: this.name,
    });
    this.step({ type: "leaseLost" });
  }

  #resync(): void {
    this.#hasGap = false;
    this.#end?.resync();
  }

  #perform(effect: ReachabilityEffect, { type }: ReachabilityEvent): void {
    switch (effect.type) {
      case "heartbeat":
        return this.#channel.beat();
      case "probe":
        return void this.#probe();
      case "nodeUp":
        this.#end = attachRemote(this.#host.node, this.peer, this);
        log.info("Node {node} is up", { node: this.name, incarnation: this.peer.incarnation });
        return this.#host.changed(this);
      case "nodeDown":
        log.warn("Node {node} is down: {why}", { node: this.name, why: type });
        return;
      case "relink":
        this.meter.relinks++;
        this.#hasGap = false;
        return this.#lose(effect.linkEpoch);
      case "stale":
        // The channel counts it.
        return;
    }
  }

  #lose(linkEpoch: number): void {
    const end = this.#end;
    this.#end = undefined;
    this.#channel.relink(linkEpoch);
    if (end === undefined) return;
    end.lost();
    this.#host.changed(this);
  }

  #measure(): void {
    const startMs = this.#host.nowMs();
    if (startMs - this.#measuredMs < MEASURE_MS) return;
    this.#measuredMs = startMs;
    void this.#host.probe(this.peer).then((answer) => {
      if (answer === "probeAnswered") this.roundTripMs = this.#host.nowMs() - startMs;
    });
  }

  async #probe(): Promise<void> {
    this.step({ type: await this.#host.probe(this.peer) });
  }
}
