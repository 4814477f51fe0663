/**
 * What one client still has to read, bounded.
 *
 * @module
 */

import { bodySize, bodySizeAtMost } from "./body_size.ts";
import { MESSAGE_TYPE, type MessageType } from "./messages.ts";
import type { ConnectionObservation } from "./observation.ts";
import type { SlowConsumerPolicy } from "./options.ts";
import type { Socket } from "./socket.ts";

/** Most bytes under way in the transport while older ones may still be dropped. */
const IN_FLIGHT_BYTES = 65_536;

interface Queued {
  readonly type: MessageType;
  readonly body: string | Uint8Array;
  readonly bytes: number;
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

  /** Sends or queues a message; false if the client is too slow and is to be closed. */
  offer(type: MessageType, body: string | Uint8Array): boolean {
    const { sendQueueBytes, slowConsumer } = this.#limits;
    const direct = slowConsumer === "close"
      ? sendQueueBytes
      : Math.min(IN_FLIGHT_BYTES, sendQueueBytes / 2);
    if (this.#waiting === undefined && this.#fits(body, direct)) {
      this.#heldBytes += bodySizeAtMost(body);
      this.#hand(type, body);
      return true;
    }
    if (slowConsumer === "close") return false;
    this.#enqueue({ type, body, bytes: bodySize(body) }, sendQueueBytes);
    return true;
  }

  /** Hands over what waits, however much the transport holds: a close frame follows. */
  flush(): void {
    for (const { type, body } of this.#waiting ?? []) this.#hand(type, body);
    this.#waiting = undefined;
    this.#waitingBytes = 0;
  }

  /** Drops what waits: the socket is about to end. */
  end(): void {
    this.#drop(this.#waiting?.length ?? 0);
    this.#waiting = undefined;
    this.#waitingBytes = 0;
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
      this.#waitingBytes -= waiting.shift()!.bytes;
      this.#drop(1);
      this.#observed.slow();
    }
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#observed.dropped(count);
  }

  #hand(type: MessageType, body: string | Uint8Array): void {
    const bytes = this.#socket.send(type, body) ?? undefined;
    const isMessage = type === MESSAGE_TYPE.text || type === MESSAGE_TYPE.binary;
    if (isMessage) this.#observed.sent(body, bytes);
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
      const { type, body, bytes } = waiting.shift()!;
      this.#waitingBytes -= bytes;
      this.#hand(type, body);
    }
    this.#heldBytes = this.#socket.bufferedBytes;
    if (waiting.length === 0) this.#waiting = undefined;
  }
}
