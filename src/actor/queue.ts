/**
 * First in, first out, at constant cost.
 *
 * @module
 */

/** Taken entries before the table is made shorter. */
const COMPACT_AT = 1_024;

/** A queue whose `shift` does not move what is behind, as that of a long array does. */
export class Queue<T extends object> {
  readonly #items: (T | undefined)[] = [];
  #head = 0;

  /** How many wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The oldest. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** Puts one at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = this.#head = 0;
    } else if (this.#head >= COMPACT_AT && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** What waits, the oldest first. */
  toArray(): T[] {
    return this.#items.slice(this.#head) as T[];
  }
}
