/**
 * A process that keeps its messages, for a test to look at.
 *
 * @module
 */

import type { Process } from "../actor/mod.ts";
import { inDeadline } from "./deadline.ts";

/** What the process does with a message besides keeping it. */
export type Reaction<M> = (self: Process<M>, message: M) => void | Promise<void>;

/**
 * Keeps every message of the process that runs it.
 *
 * @example
 * ```ts
 * import { createNode } from "@troupe/troupe";
 * import { Inbox } from "@troupe/troupe/testing";
 *
 * await using node = createNode();
 * const inbox = new Inbox<string>();
 * node.send(node.spawn(inbox.run), "hello");
 * console.assert(await inbox.take() === "hello");
 * ```
 */
export class Inbox<M = unknown> {
  /** All messages, in the order in which they came. */
  readonly messages: M[] = [];
  readonly #taken = new Set<number>();
  readonly #react: Reaction<M> | undefined;
  #arrival = Promise.withResolvers<void>();

  /** Makes one; spawn its `run`. */
  constructor(react?: Reaction<M>) {
    this.#react = react;
  }

  /** The function of the process. */
  readonly run: (self: Process<M>) => Promise<void> = async (self) => {
    for await (const { message } of self) {
      this.messages.push(message);
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers();
      await this.#react?.(self, message);
    }
  };

  /**
   * The first message that was not taken yet, and is wanted; waits for it.
   *
   * @throws {Error} If none comes within 5 s; the text names `what`.
   */
  async take(what?: string): Promise<M>;
  /** The first message of a type that was not taken yet; waits for it. */
  async take<N extends M>(what: string, isWanted: (message: M) => message is N): Promise<N>;
  /** The first message that is wanted and was not taken yet; waits for it. */
  async take(what: string, isWanted: (message: M) => boolean): Promise<M>;
  async take(what = "a message", isWanted: (message: M) => boolean = () => true): Promise<M> {
    for (;;) {
      const index = this.messages.findIndex((message, at) =>
        !this.#taken.has(at) && isWanted(message)
      );
      if (index !== -1) {
        this.#taken.add(index);
        return this.messages[index]!;
      }
      await this.#next(what);
    }
  }

  /**
   * All messages that are wanted, as soon as there are so many.
   *
   * @throws {Error} If they do not come, 5 s after the last one that did.
   */
  async count<N extends M>(
    count: number,
    what: string,
    isWanted: (message: M) => message is N,
  ): Promise<N[]>;
  /** All messages that are wanted, by default all, as soon as there are so many. */
  async count(
    count: number,
    what?: string,
    isWanted?: (message: M) => boolean,
  ): Promise<M[]>;
  async count(
    count: number,
    what = "messages",
    isWanted: (message: M) => boolean = () => true,
  ): Promise<M[]> {
    for (;;) {
      const wanted = this.messages.filter(isWanted);
      if (wanted.length >= count) return wanted;
      await this.#next(`${count} × ${what}`);
    }
  }

  #next(what: string): Promise<void> {
    return inDeadline(what, this.#arrival.promise);
  }
}
