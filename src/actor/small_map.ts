/**
 * A map for one entry, most of the time.
 *
 * @module
 */

/** Keeps a single entry without a table, since there is one of these for each connection. */
export class SmallMap<K, V> implements Iterable<[K, V]> {
  #key: K | undefined;
  #value: V | undefined;
  #more: Map<K, V> | undefined;

  /** With one entry. */
  constructor(key?: K, value?: V) {
    this.#key = key;
    this.#value = value;
  }

  get size(): number {
    return (this.#key === undefined ? 0 : 1) + (this.#more?.size ?? 0);
  }

  get(key: K): V | undefined {
    return key === this.#key ? this.#value : this.#more?.get(key);
  }

  set(key: K, value: V): void {
    if ((this.#key === undefined && !this.#more?.has(key)) || this.#key === key) {
      this.#key = key;
      this.#value = value;
    } else (this.#more ??= new Map()).set(key, value);
  }

  /** False if there was no such entry. */
  delete(key: K): boolean {
    if (key !== this.#key) return this.#more?.delete(key) ?? false;
    this.#key = this.#value = undefined;
    return true;
  }

  *[Symbol.iterator](): IterableIterator<[K, V]> {
    if (this.#key !== undefined) yield [this.#key, this.#value!];
    yield* this.#more ?? [];
  }
}
