/**
 * What was said and must not be missing: kept so that it can be said again after a gap.
 *
 * @module
 */

import type { LinkMessage } from "./link_message.ts";

/** Most that are kept, by number of messages. */
const MAX_KEPT = 1_024;

/** What nothing else repairs: ends, exit signals, wills, questions, and what tells of a gap. */
const KINDS: ReadonlySet<string> = new Set<LinkMessage["kind"]>([
  "down",
  "exit",
  "inspect",
  "resync",
]);

/** What of a message tells whether it is kept. */
interface Keepable {
  readonly kind: string;
  readonly isDone?: boolean;
}

/** The newest of them of one link in one epoch, by their numbers. */
export class Kept<M extends Keepable = LinkMessage> {
  readonly #messages = new Map<number, M>();
  /** Number of the newest one that is not kept any more. */
  #forgotten = 0;

  /** A message was sent. */
  add(seq: number, message: M): void {
    const isWill = message.kind === "unwatch" && message.isDone === true;
    if (!isWill && !KINDS.has(message.kind)) return;
    this.#messages.set(seq, message);
    if (this.#messages.size <= MAX_KEPT) return;
    const [oldest] = this.#messages.keys();
    this.#messages.delete(oldest!);
    this.#forgotten = oldest!;
  }

  /**
   * Those of a hole, which the other side asks for once; `undefined` if some are not kept any more.
   */
  take(first: number, count: number): M[] | undefined {
    if (first <= this.#forgotten) return undefined;
    const taken: M[] = [];
    for (const [seq, message] of this.#messages) {
      if (seq < first || seq >= first + count) continue;
      taken.push(message);
      this.#messages.delete(seq);
    }
    return taken;
  }

  /** The link begins anew. */
  clear(): void {
    this.#messages.clear();
    this.#forgotten = 0;
  }
}
