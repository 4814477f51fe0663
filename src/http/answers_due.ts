/**
 * Keeps the answers of one connection in the order of its requests (RFC 9112, section 9.3.2).
 *
 * @module
 */

import type { ServerResponse } from "node:http";

/** The answers that a connection still has to get, and who waits for the last of them. */
interface Due {
  count: number;
  readonly waiting: (() => void)[];
}

/**
 * Node answers pipelined requests in order, but hands an upgrade over at once: what
 * answers it has to wait for the answers to the requests before it.
 */
export class AnswersDue {
  readonly #due = new WeakMap<object, Due>();

  /** A request of a connection will be answered. */
  add(socket: object, response: ServerResponse): void {
    const due = this.#due.get(socket) ?? { count: 0, waiting: [] };
    this.#due.set(socket, due);
    due.count++;
    // Comes once, after the whole answer was handed over, or when the connection has ended.
    response.once("close", () => {
      due.count--;
      if (due.count > 0) return;
      this.#due.delete(socket);
      for (const resolve of due.waiting) resolve();
    });
  }

  /** Present while answers are due; resolves when all have been given. */
  allGiven(socket: object): Promise<void> | undefined {
    const due = this.#due.get(socket);
    if (due === undefined) return undefined;
    return new Promise((resolve) => due.waiting.push(resolve));
  }
}
