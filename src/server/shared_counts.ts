/**
 * Counts of connections that workers tell each other, so that limits are those of the machine.
 *
 * A worker hears of the others a moment later: in a rush a limit may be passed by a few.
 *
 * @module
 */

import type { OtherCounts } from "../websocket/mod.ts";

/** What a worker tells of an endpoint: all of its connections, and those of some addresses. */
export interface CountsMessage {
  readonly kind: "counts";
  readonly path: string;
  readonly all: number;
  readonly addresses: readonly (readonly [address: string, count: number])[];
}

const TELL_AFTER_MS = 5;

/** Counts of one endpoint on the other workers. */
export class SharedCounts implements OtherCounts {
  readonly #path: string;
  readonly #tell: (message: CountsMessage) => void;
  /** By worker. */
  readonly #totals = new Map<number, number>();
  readonly #byAddress = new Map<number, Map<string, number>>();
  #changed = new Map<string, number>();
  #all = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(path: string, tell: (message: CountsMessage) => void) {
    this.#path = path;
    this.#tell = tell;
  }

  get connections(): number {
    return sum(this.#totals.values());
  }

  connectionsOf(address: string): number {
    return sum([...this.#byAddress.values()].map((counts) => counts.get(address) ?? 0));
  }

  changed(address: string | undefined, own: number, all: number): void {
    this.#all = all;
    if (address !== undefined) this.#changed.set(address, own);
    this.#timer ??= setTimeout(() => this.#send(), TELL_AFTER_MS);
  }

  /** Another worker told. */
  hear(worker: number, { all, addresses }: CountsMessage): void {
    this.#totals.set(worker, all);
    const counts = this.#byAddress.get(worker) ?? new Map<string, number>();
    this.#byAddress.set(worker, counts);
    for (const [address, count] of addresses) {
      if (count > 0) counts.set(address, count);
      else counts.delete(address);
    }
  }

  /** Another worker has ended, and its connections with it. */
  forget(worker: number): void {
    this.#totals.delete(worker);
    this.#byAddress.delete(worker);
  }

  #send(): void {
    this.#timer = undefined;
    const addresses = [...this.#changed];
    this.#changed = new Map();
    this.#tell({ kind: "counts", path: this.#path, all: this.#all, addresses });
  }
}

function sum(values: Iterable<number>): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}

/** What all workers told last, for one that begins. */
export class CountsBoard {
  readonly #byWorker = new Map<
    number,
    Map<string, { all: number; addresses: Map<string, number> }>
  >();

  /** A worker told. */
  hear(worker: number, { path, all, addresses }: CountsMessage): void {
    const paths = this.#byWorker.get(worker) ?? new Map();
    this.#byWorker.set(worker, paths);
    const known = paths.get(path) ?? { all: 0, addresses: new Map() };
    paths.set(path, known);
    known.all = all;
    for (const [address, count] of addresses) {
      if (count > 0) known.addresses.set(address, count);
      else known.addresses.delete(address);
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
      for (const [path, { all, addresses }] of paths) {
        yield [other, { kind: "counts", path, all, addresses: [...addresses] }];
      }
    }
  }
}
