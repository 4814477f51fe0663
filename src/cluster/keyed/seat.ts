/**
 * What stands on a node for a keyed process that may live on another one.
 *
 * @module
 */

import {
  type Address,
  type Alias,
  CallUnreachableError,
  type DownMessage,
  type Envelope,
  type ExitReason,
  type InspectRecord,
  type Peer,
  type PlacementHost,
  type Ref,
  type SendResult,
} from "../../actor/mod.ts";
import { type Door, MessageParcel, type Parcel, UnwatchParcel, WatchParcel } from "./parcels.ts";

/** What a seat works for. */
export interface SeatHost {
  readonly placement: PlacementHost;
  /** Sends something the way of the shard. */
  take(parcel: Parcel): SendResult;
  /** The owner, if a message would go to it now. */
  door(): Door | undefined;
  /** The owner, whether or not it takes messages now. */
  owner(): Door | undefined;
  /** It has ended. */
  left(seat: Seat): void;
}

/** Somebody who watches a seat. */
interface Watch {
  readonly watcher: Address;
  /** What the process is sent when the watcher is lost. */
  readonly will: unknown;
}

/**
 * Has an address of this node, so that connections have a target which stays where it is: it
 * ends with the process, and when that moves. All who watch the process from here do so
 * through it; the process is watched once.
 */
export class Seat implements Peer {
  readonly address: Alias;
  /** Where the last message went. */
  node = "";
  readonly #host: SeatHost;
  readonly #watches = new Map<Ref, Watch>();
  #ownRef: Ref | undefined;
  #hasEnded = false;
  /** How it ended. */
  hasMoved = false;

  constructor(
    host: SeatHost,
    readonly name: string,
    readonly key: string,
    readonly sinceMs: number,
  ) {
    this.#host = host;
    this.address = host.placement.createAlias();
  }

  /** Whether somebody watches it. */
  get isTaken(): boolean {
    return this.#watches.size > 0;
  }

  offer(envelope: Envelope, beyondBound: boolean = false): SendResult {
    if (envelope.kind === "down") {
      const { reason, detail } = envelope.message as DownMessage;
      this.end(reason, detail);
      return "accepted";
    }
    if (this.#hasEnded) return "terminated";
    const { placement } = this.#host;
    return this.#host.take(new MessageParcel(this.key, envelope, beyondBound, this, placement));
  }

  capacity(): Promise<void> | undefined {
    return this.#hasEnded ? undefined : this.#host.door()?.capacity(this.key);
  }

  describe(): Promise<InspectRecord> {
    const owner = this.#host.owner();
    return owner?.describe(this.key) ?? Promise.reject(new CallUnreachableError(this.name));
  }

  watch(watcher: Address, ref: Ref, will?: unknown): void {
    this.#watches.set(ref, { watcher, will });
    if (this.#ownRef === undefined) {
      this.#ownRef = this.#host.placement.createRef();
      this.#watchAs(this.address, this.#ownRef);
    }
    if (will !== undefined) this.#watchAs(watcher, ref, will);
  }

  unwatch(watcher: Address, ref: Ref, isDone: boolean = false, other?: unknown): void {
    const will = other ?? this.#watches.get(ref)?.will;
    this.#watches.delete(ref);
    if (this.#hasEnded) return;
    if (will !== undefined) {
      this.#host.take(new UnwatchParcel(this.key, watcher, ref, will, isDone));
    }
    if (this.#watches.size === 0) this.end("normal");
  }

  /** The owner did not hear of it: it is said again. */
  repeat(): void {
    if (this.#ownRef === undefined || this.#hasEnded) return;
    this.#watchAs(this.address, this.#ownRef);
    for (const [ref, { watcher, will }] of this.#watches) {
      if (will !== undefined) this.#watchAs(watcher, ref, will);
    }
  }

  link(): void {}

  unlink(): void {}

  signalExit(from: Address, reason: ExitReason): void {
    const remote = this.#host.placement.remote(this.node);
    remote?.peer(this.name as Address).signalExit(from, reason);
  }

  #watchAs(watcher: Address, ref: Ref, will?: unknown): void {
    this.#host.take(new WatchParcel(this.key, this, watcher, ref, will));
  }

  /** Whoever watches it is told, once. */
  end(reason: ExitReason, detail?: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.hasMoved = reason === "moved";
    const { placement } = this.#host;
    const remote = placement.remote(this.node);
    if (this.#ownRef !== undefined) {
      remote?.peer(this.name as Address).unwatch(this.address, this.#ownRef);
    }
    this.#host.left(this);
    placement.end(this.address, reason, detail);
  }
}
