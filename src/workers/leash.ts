/**
 * Tells whether a thread that was ended has really stopped.
 *
 * The runtime cannot interrupt a thread that computes: `terminate()` takes effect when it pauses
 * (Deno 2.9.6). Until then it keeps its sockets, and its share of new connections.
 *
 * @module
 */

import { MessageChannel, type MessagePort } from "node:worker_threads";

/** A port whose other end closes with the thread that has it. */
export class Leash {
  readonly #ended = Promise.withResolvers<void>();
  readonly #port: MessagePort;
  /** The end that the thread is given. */
  readonly end: Transferable;
  #isReleased = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.end = port2 as unknown as Transferable;
    port1.on("close", () => {
      if (!this.#isReleased) this.#ended.resolve();
      this.release();
    });
    // It starts with the first listener for messages.
    port1.on("message", () => {});
  }

  /** Resolves when nothing of the thread runs any more; never if it is let go before. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The thread was told to end: if it has not after a while, calls `stuck`. */
  expectEnd(withinMs: number, stuck: () => void): void {
    this.#timer = setTimeout(stuck, withinMs);
  }

  /** Nobody waits for its end any more. */
  release(): void {
    this.#isReleased = true;
    clearTimeout(this.#timer);
    this.#port.close();
  }
}
