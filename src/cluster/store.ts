/**
 * Where a cluster keeps what is owned: keys with compare-and-set and time to live.
 *
 * @module
 */

/** What stands under a key, or that nothing does any more. */
export interface Change {
  readonly key: string;
  readonly revision: number;
  /** `undefined`: deleted, ended, or no JSON. */
  readonly value: unknown;
}

/** Outcome of a write: the new revision, or what stands there. */
export type Outcome = { readonly revision: number } | { readonly found: Change | undefined };

/** What a watcher is told. */
export interface StoreWatcher {
  change(change: Change): void;
  /** All keys that there are were told; `revision` is the newest one of then. */
  complete(revision: number): void;
  /** Some changes are not told: the watch has to begin anew. */
  behind?(): void;
}

/** Keys that nodes have in common. What a store does not answer rejects. */
export interface Store {
  /** What stands under a key. */
  read(key: string): Promise<Change | undefined>;
  /**
   * Writes if `expected` is the revision that stands there; 0: nothing does. With `ttlMs` it is
   * gone after that time, unless it is written again.
   */
  write(key: string, value: unknown, expected: number, ttlMs?: number): Promise<Outcome>;
  /** Writes whatever stands there. */
  put(key: string, value: unknown): Promise<void>;
  /** Deletes if that revision stands there. */
  remove(key: string, expected: number): Promise<void>;
  /** Tells of all keys, then of each change, until it is called again or `unwatch` is. */
  watch(watcher: StoreWatcher): Promise<void>;
  /** Ends the watch. */
  unwatch(): void;
}
