/**
 * Counts of connections that workers tell each other, so that limits are those of the machine.
 *
 * How many there are in all stands in memory that they share, at once. Of an address they hear
 * from each other a moment later: in a rush that limit may be passed by a few.
 *
 * @module
 */

import type { OtherCounts } from "../websocket/mod.ts";

/** What a worker tells of an endpoint: its connections of some addresses. */
export interface CountsMessage {
  readonly kind: "counts";
  readonly path: string;
  readonly addresses: readonly (readonly [address: string, count: number])[];
}

const TELL_AFTER_MS = 5;

/** Connections of each endpoint on each worker, in memory that all of them share. */
export class SharedTotals {
  readonly #paths: readonly string[];
  readonly #counts: Int32Array<SharedArrayBuffer>;

  /** `memory` is that of another one of the same paths; without it there are `workers` columns. */
  constructor(paths: readonly string[], workers: number, memory?: SharedArrayBuffer) {
    this.#paths = paths;
    this.#counts = new Int32Array(memory ?? new SharedArrayBuffer(4 * paths.length * workers));
  }

  get memory(): SharedArrayBuffer {
    return this.#counts.buffer;
  }

  /** Notes how many a worker has. */
  set(worker: number, path: string, count: number): void {
    const row = this.#paths.indexOf(path);
    if (row !== -1) Atomics.store(this.#counts, row * this.#workers + worker - 1, count);
  }

  /** How many all but one have. */
  others(worker: number, path: string): number {
    const start = this.#paths.indexOf(path) * this.#workers;
    let sum = 0;
    for (let other = 1; start >= 0 && other <= this.#workers; other++) {
      if (other !== worker) sum += Atomics.load(this.#counts, start + other - 1);
    }
    return sum;
  }

  /** A worker has ended, and its connections with it. */
  forget(worker: number): void {
    for (const path of this.#paths) this.set(worker, path, 0);
  }

  get #workers(): number {
    return this.#counts.length / this.#paths.length;
  }
}

/** Counts of one endpoint on the other workers. */
export class SharedCounts implements OtherCounts {
  readonly #worker: number;
  readonly #path: string;
  readonly #totals: SharedTotals;
  readonly #tell: (message: CountsMessage) => void;
  /** By worker. */
  readonly #byAddress = new Map<number, Map<string, number>>();
  #changed = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    worker: number,
    path: string,
    totals: SharedTotals,
    tell: (message: CountsMessage) => void,
  ) {
    this.#worker = worker;
    this.#path = path;
    this.#totals = totals;
    this.#tell = tell;
  }

  get connections(): number {
    return this.#totals.others(this.#worker, this.#path);
  }

  connectionsOf(address: string): number {
    return sum([...this.#byAddress.values()].map((counts) => counts.get(address) ?? 0));
  }

  changed(address: string | undefined, own: number, all: number): void {
    this.#totals.set(this.#worker, this.#path, all);
    if (address === undefined) return;
    this.#changed.set(address, own);
    this.#timer ??= setTimeout(() => this.#send(), TELL_AFTER_MS);
  }

  /** Another worker told. */
  hear(worker: number, { addresses }: CountsMessage): void {
    const counts = this.#byAddress.get(worker) ?? new Map<string, number>();
    this.#byAddress.set(worker, counts);
    for (const [address, count] of addresses) {
      if (count > 0) counts.set(address, count);
      else counts.delete(address);
    }
  }

  /** Another worker has ended, and its connections with it. */
  forget(worker: number): void {
    this.#byAddress.delete(worker);
  }

  #send(): void {
    this.#timer = undefined;
    const addresses = [...this.#changed];
    this.#changed = new Map();
    this.#tell({ kind: "counts", path: this.#path, addresses });
  }
}

function sum(values: Iterable<number>): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}

/** What all workers told last, for one that begins. */
export class CountsBoard {
  readonly #byWorker = new Map<number, Map<string, Map<string, number>>>();

  /** A worker told. */
  hear(worker: number, { path, addresses }: CountsMessage): void {
    const paths = this.#byWorker.get(worker) ?? new Map<string, Map<string, number>>();
    this.#byWorker.set(worker, paths);
    const known = paths.get(path) ?? new Map<string, number>();
    paths.set(path, known);
    for (const [address, count] of addresses) {
      if (count > 0) known.set(address, count);
      else known.delete(address);
    }
  }

  /** A worker has ended. */
  forget(worker: number): void {
    this.#byWorker.delete(worker);
  }

  /** All that was told by others. */
  *messagesFor(worker: number): Iterable<readonly [number, CountsMessage]> {
    for (const [other, paths] of this.#byWorker) {
      if (other === worker) continue;
      for (const [path, addresses] of paths) {
        yield [other, { kind: "counts", path, addresses: [...addresses] }];
      }
    }
  }
}
