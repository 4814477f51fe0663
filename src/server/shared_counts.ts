/**
 * Counts of connections that workers tell each other, so that limits are those of the machine.
 *
 * How many there are in all stands in memory that they share, at once. Of an address and of a user
 * they hear from each other a moment later: in a rush those limits may be passed by a few.
 *
 * @module
 */

import type { OtherCounts } from "../websocket/mod.ts";

/** What connections are counted by. */
const SUBJECTS = ["addresses", "users"] as const;

type Subject = typeof SUBJECTS[number];

/** How many there are of each. */
type Counts = readonly (readonly [of: string, count: number])[];

/** What a worker tells of an endpoint: its connections of some addresses and users. */
export interface CountsMessage extends Readonly<Record<Subject, Counts>> {
  readonly kind: "counts";
  readonly path: string;
}

/** What is known of one worker. */
class Known {
  readonly addresses = new Map<string, number>();
  readonly users = new Map<string, number>();

  hear(message: CountsMessage): void {
    for (const subject of SUBJECTS) {
      for (const [of, count] of message[subject]) {
        if (count > 0) this[subject].set(of, count);
        else this[subject].delete(of);
      }
    }
  }

  tell(path: string): CountsMessage {
    return { kind: "counts", path, addresses: [...this.addresses], users: [...this.users] };
  }
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
  readonly #byWorker = new Map<number, Known>();
  #changed: Record<Subject, Map<string, number>> = { addresses: new Map(), users: new Map() };
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
    return this.#sum("addresses", address);
  }

  connectionsOfUser(user: string): number {
    return this.#sum("users", user);
  }

  changed(address: string | undefined, own: number, all: number): void {
    this.#totals.set(this.#worker, this.#path, all);
    if (address !== undefined) this.#note("addresses", address, own);
  }

  userChanged(user: string, own: number): void {
    this.#note("users", user, own);
  }

  /** Another worker told. */
  hear(worker: number, message: CountsMessage): void {
    const known = this.#byWorker.get(worker) ?? new Known();
    this.#byWorker.set(worker, known);
    known.hear(message);
  }

  /** Another worker has ended, and its connections with it. */
  forget(worker: number): void {
    this.#byWorker.delete(worker);
  }

  #sum(subject: Subject, of: string): number {
    let sum = 0;
    for (const known of this.#byWorker.values()) sum += known[subject].get(of) ?? 0;
    return sum;
  }

  #note(subject: Subject, of: string, own: number): void {
    this.#changed[subject].set(of, own);
    this.#timer ??= setTimeout(() => this.#send(), TELL_AFTER_MS);
  }

  #send(): void {
    this.#timer = undefined;
    const { addresses, users } = this.#changed;
    this.#changed = { addresses: new Map(), users: new Map() };
    this.#tell({
      kind: "counts",
      path: this.#path,
      addresses: [...addresses],
      users: [...users],
    });
  }
}

/** What all workers told last, for one that begins. */
export class CountsBoard {
  readonly #byWorker = new Map<number, Map<string, Known>>();

  /** A worker told. */
  hear(worker: number, message: CountsMessage): void {
    const paths = this.#byWorker.get(worker) ?? new Map<string, Known>();
    this.#byWorker.set(worker, paths);
    const known = paths.get(message.path) ?? new Known();
    paths.set(message.path, known);
    known.hear(message);
  }

  /** A worker has ended. */
  forget(worker: number): void {
    this.#byWorker.delete(worker);
  }

  /** All that was told by others. */
  *messagesFor(worker: number): Iterable<readonly [number, CountsMessage]> {
    for (const [other, paths] of this.#byWorker) {
      if (other === worker) continue;
      for (const [path, known] of paths) yield [other, known.tell(path)];
    }
  }
}
