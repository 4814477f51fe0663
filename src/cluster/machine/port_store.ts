/**
 * The store of a machine, as one of its threads has it.
 *
 * @module
 */

import type { Change, Outcome, Store, StoreWatcher } from "../store.ts";
import type { FromDoor, StoreRequest } from "./protocol.ts";

/** How it is asked. */
export interface PortStoreHost {
  ask(request: StoreRequest): Promise<unknown>;
  unwatch(): void;
}

/** What a watch is told. */
export type WatchTold = Extract<FromDoor, { readonly watch: number }>;

/** One thread's side. */
export class PortStore implements Store {
  readonly #host: PortStoreHost;
  #watcher: StoreWatcher | undefined;
  /** Tells what belongs to a watch from what came of one before. */
  #watch = 0;

  constructor(host: PortStoreHost) {
    this.#host = host;
  }

  async read(key: string): Promise<Change | undefined> {
    return await this.#host.ask({ op: "read", key }) as Change | undefined;
  }

  async write(key: string, value: unknown, expected: number, ttlMs?: number): Promise<Outcome> {
    return await this.#host.ask({ op: "write", key, value, expected, ttlMs }) as Outcome;
  }

  async put(key: string, value: unknown): Promise<void> {
    await this.#host.ask({ op: "put", key, value });
  }

  async remove(key: string, expected: number): Promise<void> {
    await this.#host.ask({ op: "remove", key, expected });
  }

  async watch(watcher: StoreWatcher): Promise<void> {
    this.#watcher = watcher;
    await this.#host.ask({ op: "watch", watch: ++this.#watch });
  }

  unwatch(): void {
    this.#watch++;
    if (this.#watcher !== undefined) this.#host.unwatch();
    this.#watcher = undefined;
  }

  /** Something was told. */
  hear(told: WatchTold): void {
    if (told.watch !== this.#watch) return;
    if (told.kind === "change") this.#watcher?.change(told.change);
    else if (told.kind === "complete") this.#watcher?.complete(told.revision);
    else this.#watcher?.behind?.();
  }
}
