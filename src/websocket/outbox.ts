/**
 * What one client still has to read, bounded.
 *
 * @module
 */

import type { MessageType } from "./messages.ts";
import type { SlowConsumerPolicy } from "./options.ts";
import type { Socket } from "./socket.ts";

/** Most bytes under way in the transport while older ones may still be dropped. */
const IN_FLIGHT_BYTES = 65_536;

interface Queued {
  readonly type: MessageType;
  readonly body: string | Uint8Array;
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
 * bound passes when nothing else is queued.
 */
export class Outbox {
  readonly #socket: Socket;
  readonly #limits: OutboxLimits;
  /** At least what the transport holds: asking it costs more than a message. */
  #heldBytes = 0;
  #waiting: Queued[] | undefined;
  #waitingBytes = 0;
  #dropped = 0;

  constructor(socket: Socket, limits: OutboxLimits) {
    this.#socket = socket;
    this.#limits = limits;
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
    if (this.#waiting === undefined && this.#fits(body.length, direct)) {
      this.#heldBytes += body.length;
      this.#socket.send(type, body);
      return true;
    }
    if (slowConsumer === "close") return false;
    this.#enqueue({ type, body }, sendQueueBytes - this.#heldBytes);
    return true;
  }

  #fits(bytes: number, limitBytes: number): boolean {
    if (this.#heldBytes + bytes <= limitBytes) return true;
    this.#heldBytes = this.#socket.bufferedBytes;
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= limitBytes;
  }

  #enqueue(message: Queued, roomBytes: number): void {
    if (this.#waiting === undefined) {
      this.#waiting = [];
      void this.#pump();
    }
    this.#waiting.push(message);
    this.#waitingBytes += message.body.length;
    while (this.#waitingBytes > roomBytes && this.#waiting.length > 1) {
      this.#waitingBytes -= this.#waiting.shift()!.body.length;
      this.#dropped++;
    }
  }

  async #pump(): Promise<void> {
    const low = Math.min(IN_FLIGHT_BYTES, this.#limits.sendQueueBytes / 2) / 2;
    do {
      await this.#socket.drained(low);
      while (this.#waiting!.length > 0 && this.#socket.bufferedBytes <= low) {
        const { type, body } = this.#waiting!.shift()!;
        this.#waitingBytes -= body.length;
        this.#socket.send(type, body);
      }
    } while (this.#waiting!.length > 0 && this.#socket.closeInfo === undefined);
    this.#heldBytes = this.#socket.bufferedBytes;
    this.#waiting = undefined;
    this.#waitingBytes = 0;
  }
}
