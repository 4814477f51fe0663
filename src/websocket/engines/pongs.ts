/**
 * Answers to the pings of one peer.
 *
 * @module
 */

import { MESSAGE_TYPE } from "../messages.ts";
import type { Socket } from "../socket.ts";

/** Pings of one turn that are all answered; of more, the last. */
const MOST_PONGS = 16;

/** Bytes that wait for the peer to read, beyond which its pings are not answered. */
const MOST_PONG_BYTES = 65_536;

/** Answers pings when all that came with them has been taken in. */
export class Pongs {
  readonly #socket: Pick<Socket, "send" | "bufferedBytes">;
  /** Those of this turn. */
  #pings: Uint8Array[] | undefined;

  constructor(socket: Pick<Socket, "send" | "bufferedBytes">) {
    this.#socket = socket;
  }

  /** A ping came. */
  pinged(body: Uint8Array): void {
    if (this.#pings === undefined) {
      this.#pings = [];
      queueMicrotask(() => this.#answer());
    }
    this.#pings.push(body);
    // The latest is answer enough (RFC 6455, section 5.5.3).
    if (this.#pings.length > MOST_PONGS) this.#pings.splice(0, this.#pings.length - 1);
  }

  #answer(): void {
    const pings = this.#pings ?? [];
    this.#pings = undefined;
    // Who does not read what was written is not written more for asking.
    if (this.#socket.bufferedBytes > MOST_PONG_BYTES) return;
    for (const body of pings) this.#socket.send(MESSAGE_TYPE.pong, body);
  }
}
