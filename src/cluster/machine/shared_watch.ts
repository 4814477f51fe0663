/**
 * One watch of a store for all threads of a machine: what it has told is kept, and told to each
 * that comes.
 *
 * @module
 */

import type { Change, Store, StoreWatcher } from "../store.ts";

/** Watchers of one store. */
export class SharedWatch {
  readonly #store: Store;
  readonly #watchers = new Set<StoreWatcher>();
  readonly #known = new Map<string, Change>();
  #beginning: Promise<void> | undefined;
  /** From then on the watch before is not heard. */
  #over: () => void = () => {};
  /** Newest one that was told; `undefined` while not everything that there is was told. */
  #revision: number | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Tells of all keys, then of each change. Who has been told by the watch that there is, and
   * asks again, has missed something: then it begins anew, for all.
   */
  async watch(watcher: StoreWatcher): Promise<void> {
    if (this.#watchers.delete(watcher)) this.#end();
    this.#beginning ??= this.#begin();
    this.#watchers.add(watcher);
    for (const change of this.#known.values()) watcher.change(change);
    if (this.#revision !== undefined) watcher.complete(this.#revision);
    const beginning = this.#beginning;
    try {
      await beginning;
    } catch (error) {
      this.#watchers.delete(watcher);
      if (this.#beginning === beginning) this.#end();
      throw error;
    }
  }

  /** Tells one nothing more. */
  unwatch(watcher: StoreWatcher): void {
    if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#end();
  }

  /** The connection is away: what is told by the next watch may have nothing to do with this. */
  lost(): void {
    this.#watchers.clear();
    this.#end();
  }

  #begin(): Promise<void> {
    // Of a watch that was ended nothing is heard.
    let isOver = false;
    this.#over = () => isOver = true;
    return this.#store.watch({
      change: (change) => {
        if (!isOver) this.#tell(change);
      },
      complete: (revision) => {
        if (!isOver) this.#complete(revision);
      },
      behind: () => {
        if (!isOver) this.#end();
      },
    });
  }

  #tell(change: Change): void {
    if (change.value === undefined) this.#known.delete(change.key);
    else this.#known.set(change.key, change);
    if (this.#revision !== undefined) this.#revision = Math.max(this.#revision, change.revision);
    for (const watcher of this.#watchers) watcher.change(change);
  }

  #complete(revision: number): void {
    this.#revision = revision;
    for (const watcher of this.#watchers) watcher.complete(revision);
  }

  #end(): void {
    this.#over();
    this.#store.unwatch();
    this.#beginning = undefined;
    this.#revision = undefined;
    this.#known.clear();
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.behind?.();
  }
}
