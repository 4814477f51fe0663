/**
 * The bounded queue in front of every actor.
 *
 * @module
 */

import type { Envelope } from "./envelope.ts";
import { Queue } from "./queue.ts";

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Share of its bound above which a mailbox asks senders to hold back, and below which no more. */
const HIGH_WATER = 1 / 2;
const LOW_WATER = 1 / 4;

/** What a mailbox says to an offered message. */
export type OfferResult = "accepted" | "full" | "terminated";

/** Is handed the messages of a mailbox; neither method throws. */
export interface Receiver {
  /** Takes the next message. */
  receive(envelope: Envelope): void;
  /** The mailbox was closed, and all that was queued has been taken; comes once. */
  drained(): void;
}

/** Mailboxes with messages for their receivers. */
let due: Mailbox[] = [];

function handDue(): void {
  const mailboxes = due;
  due = [];
  for (const mailbox of mailboxes) mailbox.hand();
}

/**
 * Bounded first-in, first-out queue with one reader.
 *
 * Order is kept. System messages pass before user messages and do not count
 * against the bound. One reader at a time may wait in `next`; or a receiver is
 * handed the messages, in a microtask after they came, for which nothing has to
 * wait while there are none.
 */
export class Mailbox implements AsyncIterable<Envelope>, AsyncIterator<Envelope> {
  #system: Queue<Envelope> | undefined;
  /** The oldest user message: most mailboxes have no more than one. */
  #first: Envelope | undefined;
  /** The others; given back when it is empty. */
  #others: Queue<Envelope> | undefined;
  #state: "open" | "draining" | "closed" = "open";
  #wake: ((result: IteratorResult<Envelope>) => void) | undefined;
  #awaitingRoom: (() => void)[] | undefined;
  #receiver: Receiver | undefined;
  #isDue = false;
  /** Messages accepted so far. */
  accepted = 0;
  /** Messages refused because it was full. */
  overflows = 0;

  constructor(readonly size: number) {}

  /** User messages waiting. */
  get depth(): number {
    if (this.#first === undefined) return 0;
    return this.#others === undefined ? 1 : 1 + this.#others.length;
  }

  /**
   * A promise to wait for while more than half of the mailbox is taken; it
   * resolves when no more than a quarter is, or when the mailbox is closed.
   */
  capacity(): Promise<void> | undefined {
    if (this.#state !== "open" || this.depth <= this.size * HIGH_WATER) return undefined;
    return new Promise((resolve) => (this.#awaitingRoom ??= []).push(resolve));
  }

  /** Puts a user message at the end; `beyondBound` even if it is full. */
  offer(envelope: Envelope, beyondBound = false): OfferResult {
    if (this.#state !== "open") return "terminated";
    const wake = this.#wake;
    if (wake !== undefined) {
      this.accepted++;
      this.#wake = undefined;
      wake({ done: false, value: envelope });
      return "accepted";
    }
    if (this.depth >= this.size && !beyondBound) {
      this.overflows++;
      return "full";
    }
    this.accepted++;
    if (this.#first === undefined) this.#first = envelope;
    else (this.#others ??= new Queue()).push(envelope);
    this.#fallDue();
    return "accepted";
  }

  /** Puts a system message before all user messages. */
  offerSystem(envelope: Envelope): void {
    if (this.#state === "closed") return;
    const wake = this.#wake;
    if (wake !== undefined) {
      this.#wake = undefined;
      wake({ done: false, value: envelope });
      return;
    }
    (this.#system ??= new Queue()).push(envelope);
    this.#fallDue();
  }

  /** From now on `receiver` is handed the messages, those that wait first. */
  handTo(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#hasMessage || this.#state !== "open") this.#fallDue();
  }

  /** Hands over what waits. */
  hand(): void {
    this.#isDue = false;
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    for (let next = this.#take(); next !== undefined; next = this.#take()) receiver.receive(next);
    if (this.#state === "open") return;
    this.#receiver = undefined;
    receiver.drained();
  }

  /** The next message; done when the mailbox was closed. */
  next(): Promise<IteratorResult<Envelope>> {
    const envelope = this.#take();
    if (envelope !== undefined) return Promise.resolve({ done: false, value: envelope });
    if (this.#state !== "open") return Promise.resolve(DONE);
    if (this.#wake !== undefined || this.#receiver !== undefined) {
      return Promise.reject(new TypeError("Cannot read the mailbox: another reader is waiting"));
    }
    return new Promise((resolve) => this.#wake = resolve);
  }

  /** Leaving a loop over the mailbox does not close it. */
  return(): Promise<IteratorResult<Envelope>> {
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): AsyncIterator<Envelope> {
    return this;
  }

  /** Accepts nothing more; what is queued is still read. */
  drain(): void {
    if (this.#state === "open") this.#state = "draining";
    this.#giveRoom();
    if (this.#hasMessage) return;
    // A receiver is not busy with an earlier message: for it the end is now.
    if (this.#receiver !== undefined) this.#state = "closed";
    this.#end();
  }

  /** Accepts nothing more and gives back what was not read. */
  close(): Envelope[] {
    this.#state = "closed";
    const rest = this.#others?.toArray() ?? [];
    if (this.#first !== undefined) rest.unshift(this.#first);
    this.#first = this.#others = this.#system = undefined;
    this.#giveRoom();
    this.#end();
    return rest;
  }

  #giveRoom(): void {
    const waiting = this.#awaitingRoom;
    this.#awaitingRoom = undefined;
    for (const resolve of waiting ?? []) resolve();
  }

  #end(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.(DONE);
    this.#fallDue();
  }

  get #hasMessage(): boolean {
    return this.#first !== undefined || this.#system !== undefined;
  }

  #fallDue(): void {
    if (this.#receiver === undefined || this.#isDue) return;
    this.#isDue = true;
    if (due.push(this) === 1) queueMicrotask(handDue);
  }

  #take(): Envelope | undefined {
    const system = this.#system;
    if (system === undefined) return this.#shift();
    const envelope = system.shift();
    if (system.length === 0) this.#system = undefined;
    return envelope;
  }

  #shift(): Envelope | undefined {
    const envelope = this.#first;
    if (envelope === undefined) return undefined;
    this.#first = this.#others?.shift();
    if (this.#others?.length === 0) this.#others = undefined;
    if (this.#awaitingRoom !== undefined && this.depth <= this.size * LOW_WATER) this.#giveRoom();
    return envelope;
  }
}
