/**
 * What a thread and the one that has the connection of the machine say to each other.
 *
 * @module
 */

import type { BusAnswer } from "../bus.ts";
import type { ClusterErrorCode } from "../errors.ts";
import type { LeaseLimits } from "../limits.ts";
import type { Change, Outcome } from "../store.ts";

/** How the connection is. */
export interface BusState {
  readonly isUp: boolean;
  readonly why: string;
  readonly maxPayload: number | undefined;
  readonly lease: LeaseLimits;
  readonly machine: string;
}

/** A question to a store; `name` is that of the store. */
export type StoreRequest =
  | { readonly op: "open" }
  | { readonly op: "read"; readonly key: string }
  | {
    readonly op: "write";
    readonly key: string;
    readonly value: unknown;
    readonly expected: number;
    readonly ttlMs: number | undefined;
  }
  | { readonly op: "put"; readonly key: string; readonly value: unknown }
  | { readonly op: "remove"; readonly key: string; readonly expected: number }
  /** Changes are told under that number. */
  | { readonly op: "watch"; readonly watch: number };

/** What is asked of the thread that has the connection. */
export type DoorRequest =
  /** Everything that was published before has left. */
  | { readonly kind: "flush" }
  | { readonly kind: "request"; readonly subject: string; readonly timeoutMs: number }
  | { readonly kind: "store"; readonly name: string; readonly request: StoreRequest };

/** From a thread. */
export type ToDoor =
  /** How the connection is is told from now on, first when it was tried. */
  | { readonly kind: "open" }
  | { readonly kind: "publish"; readonly subject: string; readonly bytes: Uint8Array }
  | { readonly kind: "subscribe"; readonly id: number; readonly subject: string }
  | { readonly kind: "unsubscribe"; readonly id: number }
  | { readonly kind: "unwatch"; readonly name: string }
  /** Nothing that was subscribed or watched so far is wanted any more. */
  | { readonly kind: "reset" }
  /** So much of what was told has been taken in, in bytes. */
  | { readonly kind: "taken"; readonly bytes: number }
  | { readonly kind: "ask"; readonly id: number; readonly request: DoorRequest };

/** What came of a question. */
export type DoorAnswer =
  | { readonly value: BusAnswer | Outcome | Change | undefined }
  | { readonly error: string; readonly code: ClusterErrorCode | undefined };

/** From the thread that has the connection. */
export type FromDoor =
  | { readonly kind: "state"; readonly state: BusState }
  | {
    readonly kind: "message";
    readonly id: number;
    readonly subject: string;
    readonly data: Uint8Array;
    readonly reply: string | undefined;
  }
  | { readonly kind: "change"; readonly watch: number; readonly change: Change }
  | { readonly kind: "complete"; readonly watch: number; readonly revision: number }
  | { readonly kind: "behind"; readonly watch: number }
  | { readonly kind: "answer"; readonly id: number; readonly answer: DoorAnswer };
