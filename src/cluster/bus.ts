/**
 * What the nodes of a cluster speak over: subjects, questions and a store, whatever carries them.
 *
 * @module
 */

import type { LeaseLimits } from "./limits.ts";
import type { Store } from "./store.ts";

/** Something that was published. */
export interface BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Subject of the answer, if it is a question. */
  readonly reply: string | undefined;
}

/** What came of a question. */
export type BusAnswer =
  | { readonly kind: "answered"; readonly data: Uint8Array }
  /** Nobody has subscribed to it. */
  | { readonly kind: "noResponders" }
  | { readonly kind: "timedOut" };

/** What the user of a bus is told. */
export interface BusEvents {
  /** There is a connection, for the first time. What it rejects with refuses the broker. */
  first(): Promise<void>;
  /** It is back. */
  back(): void;
  /** It is away. */
  away(): void;
  /** There is another reason why it is. */
  excused?(): void;
}

/** One connection. What is subscribed stays so while it is away, and is given up with it. */
export interface Bus {
  readonly isUp: boolean;
  /** Why it is not. */
  readonly why: string;
  /** Most bytes that it takes at once. */
  readonly maxPayload: number | undefined;
  /** What a lease lasts on it. */
  readonly lease: LeaseLimits;
  /**
   * Whom all messages of the same machine come through; `undefined`: this node has a connection
   * of its own.
   */
  readonly machine: string | undefined;
  /**
   * Tries once. One that is not there is tried again and again from now on.
   *
   * @throws {ClusterError} If it is there and cannot be used.
   */
  open(events: BusEvents): Promise<void>;
  /** Lets go of it; what was handed over leaves first. */
  close(): Promise<void>;
  /** Resolves when what was published has left. */
  flush?(): Promise<void>;
  /**
   * Sends to all who have subscribed. The bytes are the bus's from now on.
   *
   * @throws {Error} If the connection does not take it.
   */
  publish(subject: string, bytes: Uint8Array): void;
  /** Hears what is published, until the function that it returns is called. */
  subscribe(subject: string, take: (message: BusMessage) => void): () => void;
  /** Asks whoever has subscribed. */
  request(subject: string, timeoutMs: number): Promise<BusAnswer>;
  /**
   * Opens the store of a name, or makes it.
   *
   * @throws {ClusterError} If there is none to be had.
   */
  openStore(name: string): Promise<Store>;
}
