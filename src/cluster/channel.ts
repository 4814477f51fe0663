/**
 * Messages to another node and from it, in order, over a carrier of bytes: batches of a turn
 * of the event loop, credit, and what is lost.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { getLogger } from "../telemetry/mod.ts";
import { Kept } from "./kept.ts";
import { CREDIT, WIRE_LIMITS } from "./limits.ts";
import { isForUsers, type LinkMessage, type ResyncLinkMessage } from "./link_message.ts";
import {
  confirms,
  fillBatch,
  hasCredit,
  type LinkEffect,
  type LinkEvent,
  type LinkState,
  measuredLimit,
  openLink,
  stepLink,
} from "./link_state.ts";
import { measure } from "./measure.ts";
import type { SharedPart } from "./machine/frame.ts";
import type { LinkMeter } from "./meter.ts";
import type { Carrier } from "./remote_node.ts";
import {
  type Batch,
  encodeBatch,
  type Encoded,
  encodeMessage,
  encodeRun,
  encodeShared,
  joinBatch,
} from "./wire.ts";

const log = getLogger(["troupe", "cluster"]);

/** What a channel works for. */
export interface ChannelHost {
  /** Name of the other node. */
  readonly name: string;
  readonly meter: LinkMeter;
  /** Most bytes that the carrier takes at once. Default 1 MiB. */
  readonly carrierBytes?: number | undefined;
  /**
   * Gives bytes to the carrier; false if it could not take them. Other nodes may get `shared`,
   * which stands in them, too.
   */
  transmit(bytes: Uint8Array, shared: readonly SharedPart[]): boolean;
  /** Takes in what the other node said, in order. */
  deliver(message: LinkMessage): void;
  /** Some of what it said did not arrive. */
  gap(): void;
  /** Something that must not be missing could not be sent: the link is to be given up. */
  overrun(): void;
}

interface Queued {
  readonly message: LinkMessage;
  /** Of one that goes to several nodes, or whose size was not known otherwise. */
  readonly encoded: Uint8Array | undefined;
}

/** One direction each of a link, epoch after epoch. */
export class Channel implements Carrier {
  readonly #host: ChannelHost;
  #state: LinkState;
  #queue: Queued[] = [];
  #sizes: number[] = [];
  #isScheduled = false;
  #waiting: (() => void)[] = [];
  readonly #kept = new Kept();

  constructor(host: ChannelHost, linkEpoch: number) {
    this.#host = host;
    this.#state = openLink(linkEpoch);
  }

  /** Bytes of user messages that may still be sent. */
  get credit(): number {
    return Math.max(0, CREDIT.bytes - this.#state.queuedBytes - this.#state.unconfirmedBytes);
  }

  /** Whether anything of the other side has arrived in this epoch. */
  get isHeard(): boolean {
    return this.#state.heard > 0;
  }

  /** Whether a batch shows that the other side hears this one. */
  isConfirmed({ linkEpoch, ack }: Batch): boolean {
    return linkEpoch === this.#state.linkEpoch && confirms(this.#state, ack);
  }

  send(message: LinkMessage): "accepted" | "full" | "unreachable" {
    const isSystem = !isForUsers(message);
    let bytes = message.kind === "publication" ? undefined : measure(message);
    let encoded: Uint8Array | undefined;
    const carrierBytes = this.#carrierBytes;
    if (bytes === undefined || bytes > measuredLimit(carrierBytes)) {
      const made = message.kind === "publication" ? encodeShared(message) : encodeMessage(message);
      if (!made.ok) return this.#refuse(message, made.why);
      encoded = made.bytes;
      bytes = encoded.length;
    }
    const [effect] = this.#step({ type: "offer", bytes, isSystem, carrierBytes });
    if (effect?.type === "tooLarge") {
      return this.#refuse(message, `it has ${effect.bytes} bytes, at most ${effect.maxBytes} pass`);
    }
    if (effect?.type === "full") {
      this.#host.meter.full++;
      // What is watched would wait forever for an end that nobody tells.
      if (isSystem) queueMicrotask(() => this.#host.overrun());
      return "full";
    }
    this.#queue.push({ message, encoded });
    this.#sizes.push(bytes);
    this.#schedule();
    return "accepted";
  }

  capacity(): Promise<void> | undefined {
    if (hasCredit(this.#state)) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Says that this side is there, and what it has heard. */
  beat(): void {
    if (this.#queue.length > 0) this.#flush();
    else this.#transmit([], []);
  }

  /** Takes in a batch. */
  arrive({ linkEpoch, seq, ack, envelopes }: Batch, bytes: number): void {
    const { meter } = this.#host;
    const count = envelopes.length;
    const event = { type: "arrived", linkEpoch, seq, ack, envelopes: count, bytes } as const;
    for (const effect of this.#step(event)) {
      if (effect.type === "stale") meter.stale++;
      else if (effect.type === "credit") this.#giveCapacity();
      else if (effect.type === "ackDue") this.beat();
      else if (effect.type === "gap") this.#ask(seq - effect.lost, effect.lost);
      else if (effect.type === "deliver") this.#deliver(envelopes, effect.skip);
    }
  }

  /** The link is given up; the next one has this epoch. */
  relink(linkEpoch: number): void {
    const [effect] = this.#step({ type: "end" });
    if (effect?.type === "unconfirmed") this.#lose(effect.lost, "may not have arrived there");
    this.#queue = [];
    this.#sizes = [];
    this.#kept.clear();
    this.#state = openLink(linkEpoch);
    this.#giveCapacity();
  }

  get #carrierBytes(): number {
    return this.#host.carrierBytes ?? WIRE_LIMITS.envelopeBytes;
  }

  #step(event: LinkEvent): readonly LinkEffect[] {
    const [next, effects] = stepLink(this.#state, event);
    this.#state = next;
    return effects;
  }

  #deliver(envelopes: readonly LinkMessage[], skip: number): void {
    const epoch = this.#state.linkEpoch;
    for (let i = skip; i < envelopes.length; i++) {
      // What it does may have ended the link.
      if (this.#state.linkEpoch !== epoch) return this.#lose(envelopes.length - i, "came too late");
      this.#host.meter.in++;
      const envelope = envelopes[i]!;
      if (envelope.kind === "resync") this.#resend(envelope);
      this.#host.deliver(envelope);
    }
  }

  /** Some of the other side's messages did not arrive: what must not be missing is asked for. */
  #ask(first: number, lost: number): void {
    this.#lose(lost, "did not arrive here");
    this.send({ kind: "resync", first, lost });
    this.#host.gap();
  }

  #resend({ first, lost }: ResyncLinkMessage): void {
    // An older version asks for watches and links only.
    if (first === undefined || lost === undefined) return;
    const kept = this.#kept.take(first, lost);
    if (kept === undefined) return this.#host.overrun();
    for (const message of kept) this.send(message);
  }

  #refuse(message: LinkMessage, why: string): "unreachable" {
    const { meter, name } = this.#host;
    const { kind } = message;
    const to = "to" in message ? message.to : "";
    meter.lost++;
    // Nobody else tells of it: not of an end, nor of what is watched.
    if (!isForUsers(message) && kind !== "reply") queueMicrotask(() => this.#host.overrun());
    log.warn("A {kind} to {to} on {node} cannot be sent: {why}", { kind, to, node: name, why });
    return "unreachable";
  }

  #lose(count: number, what: string): void {
    const { meter, name } = this.#host;
    meter.lost += count;
    log.warn("The link with {node} has lost {count} messages that {what}", {
      node: name,
      count,
      what,
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    while (this.#queue.length > 0) {
      const count = fillBatch(this.#sizes, this.#carrierBytes);
      this.#transmit(this.#queue.splice(0, count), this.#sizes.splice(0, count));
    }
  }

  #transmit(queued: readonly Queued[], sizes: readonly number[]): void {
    const bytes = sizes.reduce((sum, each) => sum + each, 0);
    const [head] = this.#step({ type: "transmit", envelopes: queued.length, bytes });
    if (head?.type !== "head") return;
    const { linkEpoch, seq, ack } = head;
    for (let i = 0; i < queued.length; i++) {
      const { message } = queued[i]!;
      if (message.kind !== "message") this.#kept.add(seq + i, message);
    }
    const { bytes: made, shared } = this.#encode({ linkEpoch, seq, ack }, queued);
    const { meter } = this.#host;
    meter.out += queued.length;
    meter.bytesOut += made.length;
    // What was not taken shows as a hole at the other side.
    this.#host.transmit(made, shared);
  }

  #encode(
    head: Omit<Batch, "envelopes">,
    queued: readonly Queued[],
  ): { readonly bytes: Uint8Array; readonly shared: readonly SharedPart[] } {
    if (queued.every(({ encoded }) => encoded === undefined)) {
      const envelopes = queued.map(({ message }) => message);
      const made = encodeBatch({ ...head, envelopes }, true);
      if (made.ok) return { bytes: made.bytes, shared: [] };
    }
    const parts: Uint8Array[] = [];
    const shared: SharedPart[] = [];
    let at: number = WIRE_LIMITS.headBytes;
    const add = (...added: readonly Uint8Array[]) => {
      for (const bytes of added) at += bytes.length;
      parts.push(...added);
    };
    let run: LinkMessage[] = [];
    const endRun = () => {
      if (run.length > 0) add(...this.#encodeRun(run));
      run = [];
    };
    for (const { message, encoded } of queued) {
      if (encoded === undefined) run.push(message);
      else {
        endRun();
        if (message.kind === "publication") shared.push({ at, bytes: encoded });
        add(encoded);
      }
    }
    endRun();
    return { bytes: joinBatch(head, parts, queued.length), shared };
  }

  #encodeRun(messages: readonly LinkMessage[]): Uint8Array[] {
    const made: Encoded = encodeRun(messages);
    if (made.ok) return [made.bytes];
    // One of them changed after it was sent: those that can go do, an empty one stands for it.
    return messages.map((message) => {
      const one = encodeMessage(message);
      if (one.ok) return one.bytes;
      this.#refuse(message, one.why);
      return encodeNothing();
    });
  }

  #giveCapacity(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Stands for a message that cannot go. */
function encodeNothing(): Uint8Array {
  const nothing = encodeMessage({ kind: "nothing" });
  return nothing.ok ? nothing.bytes : new Uint8Array();
}
