/**
 * What passes between actors, and what becomes of it.
 *
 * @module
 */

import type { Address, Ref } from "./identities.ts";

/**
 * Outcome of a send. Only `"accepted"` put the message into a mailbox.
 *
 * - `"accepted"`: in the mailbox of a live process; nothing more is promised
 * - `"unknown"`: no such name, or an identity of another incarnation
 * - `"terminated"`: the identity was alive once and has ended
 * - `"full"`: the mailbox is at its bound; the message was dropped and counted
 * - `"unreachable"`: the identity lives on a node that cannot be reached
 */
export type SendResult = "accepted" | "unknown" | "terminated" | "full" | "unreachable";

/**
 * Why a process ended: `"normal"` (returned), `"panic"` (threw), `"shutdown"`
 * (asked to stop in an orderly way), `"killed"` (by `"kill"`, or at the
 * deadline of a stop), or any other text given to `exit`.
 */
export type ExitReason =
  | "normal"
  | "panic"
  | "shutdown"
  | "killed"
  | "kill"
  | (string & Record<never, never>);

/** What `inspect` answers: flat, of strings and numbers. */
export type InspectRecord = Record<string, string | number>;

/** One message as it comes out of a mailbox. */
export interface Envelope<M = unknown> {
  /**
   * What it is: a `"message"` that somebody sent, or a system message, `"down"` or
   * `"exit"`. What `message` looks like says nothing: anybody can send anything.
   */
  readonly kind: "message" | "down" | "exit";
  /** Who sent it; of a system message, who has ended or called `exit`. */
  readonly from: Address;
  /** The message: plain data. Never mutate it. */
  readonly message: M;
  /** Of a call that was made on another node: what its answer is addressed to. */
  readonly replyTo?: Ref;
  /**
   * Present when the sender waits in `call`. An `Error` rejects the call.
   * Returns false when nobody waits any more.
   */
  readonly reply?: (value: unknown) => boolean;
}

/** System message: something that was monitored has ended. */
export interface DownMessage {
  /** Tells it from others. */
  readonly kind: "down";
  /** What `monitor` returned. */
  readonly ref: Ref;
  /** What was monitored, as it was given to `monitor`. */
  readonly target: Address | string;
  /**
   * Why it ended; of something not alive `"unknown"` or `"terminated"`; of something
   * whose node is lost or cannot be reached `"noconnection"`.
   */
  readonly reason: ExitReason;
  /** Text of the error, when it threw one. */
  readonly detail?: string;
}

/** System message to a process that traps exits. */
export interface ExitMessage {
  /** Tells it from others. */
  readonly kind: "exit";
  /** Who ended, or who called `exit`. */
  readonly from: Address;
  /** Why it ended, or what was given to `exit`. */
  readonly reason: ExitReason;
}
