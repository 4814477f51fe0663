/**
 * How many a publication reached, told by the nodes that it went to.
 *
 * @module
 */

import type { Dated } from "../deadlines.ts";
import { IncompleteAnswerError } from "../errors.ts";
import type { Answer } from "../peer.ts";

/** How long a node has to tell, in milliseconds. */
export const TALLY_TIMEOUT_MS = 5_000;

/** Adds up what the nodes tell of one publication; settled when all have, or can tell no more. */
export class Tally implements Dated {
  dueMs = 0;
  readonly #waiting = new Set<string>();
  readonly #missing: string[] = [];
  readonly #over: (tally: Tally) => void;
  readonly #settled = Promise.withResolvers<number>();
  #count: number;
  #cause: unknown;

  /** `count` were reached here; `over` is called when it is settled. */
  constructor(readonly space: string, count: number, over: (tally: Tally) => void) {
    this.#count = count;
    this.#over = over;
  }

  /** How many it reached; rejects with an `IncompleteAnswerError` if a node did not tell. */
  get settled(): Promise<number> {
    return this.#settled.promise;
  }

  /** It went to a node. */
  wait(node: string): void {
    this.#waiting.add(node);
  }

  /** A node did not get it, or is lost. */
  miss(node: string, why: unknown): void {
    this.#waiting.delete(node);
    this.#missing.push(node);
    this.#cause ??= why;
  }

  /** A node tells. */
  take(node: string, answer: Answer): void {
    if (!this.#waiting.delete(node)) return;
    if (answer.kind === "value") this.#count += Number(answer.value) || 0;
    else this.miss(node, new Error(answer.kind === "error" ? answer.text : answer.why));
    this.settleIfDone();
  }

  /** A node is lost; it may be none that this waits for. */
  lose(node: string): void {
    if (!this.#waiting.has(node)) return;
    this.miss(node, new Error(`Cannot hear of ${node}: its node cannot be reached`));
    this.settleIfDone();
  }

  /** Nobody is waited for any longer. */
  expire(): void {
    const late = [...this.#waiting];
    const why = new Error(`Cannot hear of ${late.join(", ")}: no answer in ${TALLY_TIMEOUT_MS} ms`);
    for (const node of late) this.miss(node, why);
    this.settleIfDone();
  }

  /** Settles it if nobody is waited for. */
  settleIfDone(): void {
    if (this.#waiting.size > 0) return;
    this.#over(this);
    if (this.#missing.length === 0) return this.#settled.resolve(this.#count);
    const options = { cause: this.#cause };
    this.#settled.reject(new IncompleteAnswerError(this.#missing, this.#count, options));
  }
}
