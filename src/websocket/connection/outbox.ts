/**
 * What one client still has to read, bounded.
 *
 * @module
 */

import { bodySize, bodySizeAtMost } from "../../text/mod.ts";
import { MESSAGE_TYPE, type MessageType } from "../messages.ts";
import type { ConnectionObservation } from "../observation.ts";
import type { SlowConsumerPolicy } from "../options.ts";
import type { Socket } from "../socket.ts";

/** Most bytes under way in the transport while older ones may still be dropped. */
const IN_FLIGHT_BYTES = 65_536;

/** Hears, once, whether a message was handed to the transport, or why it was not. */
export type Handed = (unsent: Unsent | undefined) => void;

/** Why a message was not handed to the transport. */
export const UNSENT = {
  dropped: "it made room for a newer one",
  slow: "the client reads too slowly",
  closing: "the connection is closing",
  ended: "the connection has ended",
  engine: "the engine has no such frame, or the connection is closing",
} as const;

/** One of them. */
export type Unsent = typeof UNSENT[keyof typeof UNSENT];

interface Queued {
  readonly type: MessageType;
  readonly body: string | Uint8Array;
  readonly bytes: number;
  readonly handed: Handed | undefined;
}

/** The limits of an outbox; read anew for each message. */
export interface OutboxLimits {
  readonly sendQueueBytes: number;
  readonly slowConsumer: SlowConsumerPolicy;
}

/**
 * Bounds the bytes queued to one socket to `sendQueueBytes`.
 *
 * With `"close"` all of them are in the transport and one message too many is
 * refused. With `"drop-oldest"` the transport holds a part and the rest waits
 * here, where the oldest make room for the newest. A message larger than the
 * bound passes when nothing else is queued; the newest waits whatever its size.
 */
export class Outbox {
  readonly #socket: Socket;
  readonly #limits: OutboxLimits;
  readonly #observed: ConnectionObservation;
  /** At least what the transport holds: asking it costs more than a message. */
  #heldBytes = 0;
  #waiting: Queued[] | undefined;
  #waitingBytes = 0;
  #dropped = 0;

  constructor(socket: Socket, limits: OutboxLimits, observed: ConnectionObservation) {
    this.#socket = socket;
    this.#limits = limits;
    this.#observed = observed;
  }

  /** Messages dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes queued, here and in the transport. */
  get bytes(): number {
    return this.#socket.bufferedBytes + this.#waitingBytes;
  }

  /**
   * Sends or queues a message; false if the client is too slow and is to be
   * closed. `handed` hears of it now or, if it is queued, later.
   */
  offer(type: MessageType, body: string | Uint8Array, handed?: Handed): boolean {
    const { sendQueueBytes, slowConsumer } = this.#limits;
    const direct = slowConsumer === "close"
      ? sendQueueBytes
      : Math.min(IN_FLIGHT_BYTES, sendQueueBytes / 2);
    if (this.#waiting === undefined && this.#fits(body, direct)) {
      this.#heldBytes += bodySizeAtMost(body);
      this.#hand(type, body, handed);
      return true;
    }
    if (slowConsumer === "close") {
      handed?.(UNSENT.slow);
      return false;
    }
    this.#enqueue({ type, body, bytes: bodySize(body), handed }, sendQueueBytes);
    return true;
  }

  /** Hands over what waits, however much the transport holds: a close frame follows. */
  flush(): void {
    const waiting = this.#takeWaiting();
    for (const { type, body, handed } of waiting) this.#hand(type, body, handed);
  }

  /** Drops what waits: the socket is about to end. */
  end(): void {
    this.#drop(this.#takeWaiting(), UNSENT.ended);
  }

  #takeWaiting(): readonly Queued[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    return waiting;
  }

  #fits(body: string | Uint8Array, limitBytes: number): boolean {
    if (this.#heldBytes + bodySizeAtMost(body) <= limitBytes) return true;
    this.#heldBytes = this.#socket.bufferedBytes;
    return this.#heldBytes === 0 || this.#heldBytes + bodySize(body) <= limitBytes;
  }

  #enqueue(message: Queued, limitBytes: number): void {
    if (this.#waiting === undefined) void this.#pump(this.#waiting = []);
    const waiting = this.#waiting;
    waiting.push(message);
    this.#waitingBytes += message.bytes;
    const roomBytes = limitBytes - this.#heldBytes;
    while (this.#waitingBytes > roomBytes && waiting.length > 1) {
      const oldest = waiting.shift()!;
      this.#waitingBytes -= oldest.bytes;
      this.#drop([oldest], UNSENT.dropped);
      this.#observed.slow();
    }
  }

  #drop(messages: readonly Queued[], why: Unsent): void {
    this.#countDropped(messages.length);
    for (const { handed } of messages) handed?.(why);
  }

  #countDropped(count: number): void {
    this.#dropped += count;
    this.#observed.dropped(count);
  }

  #hand(type: MessageType, body: string | Uint8Array, handed: Handed | undefined): void {
    const bytes = this.#socket.send(type, body);
    if (bytes === false) {
      this.#countDropped(1);
      return handed?.(this.#socket.closeInfo === undefined ? UNSENT.engine : UNSENT.ended);
    }
    const isMessage = type === MESSAGE_TYPE.text || type === MESSAGE_TYPE.binary;
    if (isMessage) this.#observed.sent(body, bytes ?? undefined);
    handed?.(undefined);
  }

  /** Sends what waits, a portion each time the transport has room, until nothing does. */
  async #pump(waiting: Queued[]): Promise<void> {
    const lowBytes = Math.min(IN_FLIGHT_BYTES, this.#limits.sendQueueBytes / 2) / 2;
    while (this.#waiting === waiting) {
      await this.#socket.drained(lowBytes);
      if (this.#waiting !== waiting) return;
      if (this.#socket.closeInfo !== undefined) return this.end();
      this.#sendWaiting(waiting, lowBytes);
    }
  }

  #sendWaiting(waiting: Queued[], lowBytes: number): void {
    while (waiting.length > 0 && this.#socket.bufferedBytes <= lowBytes) {
      const { type, body, bytes, handed } = waiting.shift()!;
      this.#waitingBytes -= bytes;
      this.#hand(type, body, handed);
    }
    this.#heldBytes = this.#socket.bufferedBytes;
    if (waiting.length === 0) this.#waiting = undefined;
  }
}
