/**
 * Counts by a label that may come from outside.
 *
 * @module
 */

/** Most labels that are told apart; further ones count as `other`. */
export const MAX_LABELS = 64;

/** Counters by label, bounded in number, so that no client fills the memory with them. */
export class BoundedCounts {
  readonly #counts = new Map<string, number>();

  /** Adds one. */
  add(label: string): void {
    const count = this.#counts.get(label);
    if (count !== undefined || this.#counts.size < MAX_LABELS) {
      this.#counts.set(label, (count ?? 0) + 1);
    } else this.#counts.set("other", (this.#counts.get("other") ?? 0) + 1);
  }

  /** Count of a label; 0 for one that is not told apart. */
  of(label: string): number {
    return this.#counts.get(label) ?? 0;
  }

  /** Every label with its count. */
  [Symbol.iterator](): IterableIterator<[string, number]> {
    return this.#counts.entries();
  }
}
