/**
 * A store of keys with compare-and-set and time to live, as the broker has one.
 *
 * @module
 */

import type { Timeline } from "./timeline.ts";

/** One change, as a watcher sees it. */
export interface Change {
  readonly key: string;
  readonly revision: number;
  /** Nothing: deleted or timed out. */
  readonly value: unknown;
}

/** Outcome of a write: the new revision, or what stands there. */
export type Outcome = { readonly revision: number } | { readonly found: Change | undefined };

/** From a change to those who watch. */
const TOLD_MS = 5;

/** Survives its own restarts, with what it held: leases live in a file. */
export class Store {
  #revision = 0;
  readonly #entries = new Map<string, Change>();
  #watchers: readonly ((change: Change) => void)[] = [];

  constructor(readonly timeline: Timeline, readonly ignoresExpected: boolean) {}

  /** Tells what there is, and of `keys` also what there is not; then each change. */
  watch(keys: readonly string[], watcher: (change: Change) => void): () => void {
    this.#watchers = [...this.#watchers, watcher];
    const missing = keys.filter((key) => !this.#entries.has(key));
    const changes: Change[] = [
      ...missing.map((key) => ({ key, revision: this.#revision, value: undefined })),
      ...this.#entries.values(),
    ];
    this.timeline.after(TOLD_MS, () => changes.forEach(watcher));
    return () => this.#watchers = this.#watchers.filter((each) => each !== watcher);
  }

  write(key: string, value: unknown, expected: number, ttlMs?: number): Outcome {
    const found = this.#entries.get(key);
    if (!this.ignoresExpected && (found?.revision ?? 0) !== expected) return { found };
    const revision = this.#change(key, value);
    if (ttlMs !== undefined) this.timeline.after(ttlMs, () => this.delete(key, revision));
    return { revision };
  }

  delete(key: string, expected: number): void {
    if (this.#entries.get(key)?.revision === expected) this.#change(key, undefined);
  }

  #change(key: string, value: unknown): number {
    const change = { key, value, revision: ++this.#revision };
    if (value === undefined) this.#entries.delete(key);
    else this.#entries.set(key, change);
    const watchers = this.#watchers;
    this.timeline.after(TOLD_MS, () => {
      for (const watcher of watchers) watcher(change);
    });
    return change.revision;
  }
}
