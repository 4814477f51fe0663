/**
 * What is on its way to a keyed process: it is given to the owner of its shard, wherever that is.
 *
 * @module
 */

import {
  type Address,
  CallUnknownError,
  type Envelope,
  type ExitReason,
  type InspectRecord,
  type KeyedProcesses,
  type PlacementHost,
  type Ref,
  type Refusal,
  type RemoteNode,
  type SendResult,
} from "../../actor/mod.ts";

/** The owner of a shard, as this node gives it something. */
export interface Door {
  /** Name of its node. */
  readonly node: string;
  offer(key: string, envelope: Envelope, beyondBound: boolean): SendResult;
  /**
   * A seat is told of the end of the process; with a will it is for somebody who has that seat,
   * and is only there for the will. False if there is nobody to be watched.
   */
  watch(key: string, watcher: Address, ref: Ref, will?: unknown): boolean;
  /** Takes that of a will back; with `isDone` the will is done. */
  unwatch(key: string, watcher: Address, ref: Ref, will: unknown, isDone: boolean): void;
  /** What `inspect` answers about the process of a key. */
  describe(key: string): Promise<InspectRecord>;
  /** Something to wait for, after `"full"`; absent where waiting does not help. */
  capacity(key: string): Promise<void> | undefined;
}

/** Something that goes to the process of a key. */
export interface Parcel {
  readonly key: string;
  /** `"accepted"`: it is on its way. */
  give(door: Door): SendResult;
  /** It cannot be given to anybody. */
  refuse(why: Refusal): void;
}

/** Where a sender looks which node it went to. */
export interface Sent {
  node: string;
}

/** A message or a call. */
export class MessageParcel implements Parcel {
  constructor(
    readonly key: string,
    readonly envelope: Envelope,
    readonly beyondBound: boolean,
    readonly recipient: Sent,
    readonly host: PlacementHost,
  ) {}

  give(door: Door): SendResult {
    this.recipient.node = door.node;
    return door.offer(this.key, this.envelope, this.beyondBound);
  }

  refuse(why: Refusal): void {
    const { replyTo } = this.envelope;
    if (replyTo !== undefined) this.host.answer(replyTo, { kind: "refused", why });
  }
}

/** The wish of a seat to be told of the end of the process. */
export class WatchParcel implements Parcel {
  constructor(
    readonly key: string,
    readonly seat: Sent & { end(reason: ExitReason): void },
    readonly watcher: Address,
    readonly ref: Ref,
    readonly will?: unknown,
  ) {}

  give(door: Door): SendResult {
    this.seat.node = door.node;
    const isThere = door.watch(this.key, this.watcher, this.ref, this.will);
    if (!isThere) this.seat.end("unknown");
    return "accepted";
  }

  /** Those that wait with it were refused too, and end. */
  refuse(): void {}
}

/** Somebody watches no more who has a will. */
export class UnwatchParcel implements Parcel {
  constructor(
    readonly key: string,
    readonly watcher: Address,
    readonly ref: Ref,
    readonly will: unknown,
    readonly isDone: boolean,
  ) {}

  give(door: Door): SendResult {
    door.unwatch(this.key, this.watcher, this.ref, this.will, this.isDone);
    return "accepted";
  }

  refuse(): void {}
}

/** The owner is another node. */
export class RemoteDoor implements Door {
  readonly #host: PlacementHost;
  readonly #remote: RemoteNode;
  readonly #group: string;

  constructor(host: PlacementHost, remote: RemoteNode, group: string) {
    this.#host = host;
    this.#remote = remote;
    this.#group = group;
  }

  get node(): string {
    return this.#remote.name;
  }

  offer(key: string, envelope: Envelope, beyondBound: boolean): SendResult {
    return this.#remote.named(this.#nameOf(key)).offer(envelope, beyondBound);
  }

  watch(key: string, watcher: Address, ref: Ref, will?: unknown): boolean {
    // There a name leads to who has it, as an address does.
    const name = this.#nameOf(key) as Address;
    if (will === undefined) this.#host.watch(ref, watcher, name);
    this.#remote.peer(name).watch(watcher, ref, will);
    return true;
  }

  unwatch(key: string, watcher: Address, ref: Ref, will: unknown, isDone: boolean): void {
    const name = this.#nameOf(key) as Address;
    this.#remote.peer(name).unwatch(watcher, ref, isDone, isDone ? will : undefined);
  }

  describe(key: string): Promise<InspectRecord> {
    return this.#remote.named(this.#nameOf(key)).describe();
  }

  capacity(key: string): Promise<void> | undefined {
    return this.#remote.named(this.#nameOf(key)).capacity();
  }

  #nameOf(key: string): string {
    return `${this.#group}/${key}`;
  }
}

/** The owner is this node. */
export class LocalDoor implements Door {
  readonly #host: PlacementHost;
  readonly #processes: KeyedProcesses;

  constructor(readonly node: string, host: PlacementHost, processes: KeyedProcesses) {
    this.#host = host;
    this.#processes = processes;
  }

  offer(key: string, envelope: Envelope, beyondBound: boolean): SendResult {
    const found = this.#processes.locate(key);
    return typeof found === "string" ? found : this.#host.deliver(found, envelope, beyondBound);
  }

  watch(key: string, watcher: Address, ref: Ref, will?: unknown): boolean {
    // Whoever has a will ends with the process here, and is at hand until then.
    if (will !== undefined) return true;
    const found = this.#processes.peek(key);
    if (found !== undefined) this.#host.watch(ref, watcher, found.address);
    return found !== undefined;
  }

  unwatch(key: string, watcher: Address, _ref: Ref, will: unknown, isDone: boolean): void {
    const found = isDone ? this.#processes.peek(key) : undefined;
    if (found === undefined) return;
    this.#host.deliver(found, { kind: "message", from: watcher, message: will }, true);
  }

  describe(key: string): Promise<InspectRecord> {
    const found = this.#processes.peek(key);
    return found?.describe() ?? Promise.reject(new CallUnknownError(key));
  }

  capacity(key: string): Promise<void> | undefined {
    return this.#processes.peek(key)?.capacity();
  }
}
