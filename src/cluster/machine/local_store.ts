/**
 * The store of a machine that has no broker: in the memory of one thread.
 *
 * @module
 */

import type { Change, Outcome, Store, StoreWatcher } from "../store.ts";

interface Entry {
  readonly revision: number;
  /** JSON, as a broker would have it. */
  readonly text: string;
}

/**
 * Keys with compare-and-set. Nothing ends by itself: who is told that a thread has ended gives
 * up what was written for a time.
 */
export class LocalStore implements Store {
  readonly #entries = new Map<string, Entry>();
  #revision = 0;
  #watcher: StoreWatcher | undefined;

  read(key: string): Promise<Change | undefined> {
    return Promise.resolve(this.#find(key));
  }

  write(key: string, value: unknown, expected: number): Promise<Outcome> {
    const found = this.#find(key);
    if ((found?.revision ?? 0) !== expected) return Promise.resolve({ found });
    return Promise.resolve({ revision: this.#set(key, value) });
  }

  put(key: string, value: unknown): Promise<void> {
    this.#set(key, value);
    return Promise.resolve();
  }

  remove(key: string, expected: number): Promise<void> {
    if (this.#entries.get(key)?.revision === expected) {
      this.#entries.delete(key);
      this.#watcher?.change({ key, revision: ++this.#revision, value: undefined });
    }
    return Promise.resolve();
  }

  watch(watcher: StoreWatcher): Promise<void> {
    this.#watcher = watcher;
    for (const key of this.#entries.keys()) watcher.change(this.#find(key)!);
    watcher.complete(this.#revision);
    return Promise.resolve();
  }

  unwatch(): void {
    this.#watcher = undefined;
  }

  #find(key: string): Change | undefined {
    const entry = this.#entries.get(key);
    return entry && { key, revision: entry.revision, value: JSON.parse(entry.text) };
  }

  #set(key: string, value: unknown): number {
    const revision = ++this.#revision;
    this.#entries.set(key, { revision, text: JSON.stringify(value) });
    this.#watcher?.change(this.#find(key)!);
    return revision;
  }
}
