/**
 * What two nodes say to each other over a link: plain data, whatever carries it.
 *
 * @module
 */

import type { Address, Answer, ExitReason, Ref, SubjectMessage } from "../actor/mod.ts";

/** Somebody's message, or the request of a call. */
export interface UserLinkMessage {
  readonly kind: "message";
  /** An identity or a name of the receiving node, as in all of these. */
  readonly to: string;
  readonly from: Address;
  readonly message: unknown;
  /** Of a call: what its answer is addressed to. */
  readonly replyTo?: Ref;
  /** It passes a full mailbox. */
  readonly beyondBound?: boolean;
}

/** The answer to a call or a question. */
export interface ReplyLinkMessage {
  readonly kind: "reply";
  readonly to: Ref;
  readonly answer: Answer;
}

/** Something that was watched has ended. */
export interface DownLinkMessage {
  readonly kind: "down";
  readonly to: Address;
  readonly from: Address;
  readonly ref: Ref;
  readonly reason: ExitReason;
  readonly detail?: string;
}

/** An exit signal. */
export interface ExitLinkMessage {
  readonly kind: "exit";
  readonly to: Address;
  readonly from: Address;
  readonly reason: ExitReason;
  /** It is that of the end of `from`, for the link that `to` has with it. */
  readonly isEnd?: boolean;
}

/** `watcher` is to be told of the end of `to`, or not any more. */
export interface WatchLinkMessage {
  readonly kind: "watch" | "unwatch";
  readonly to: Address;
  readonly watcher: Address;
  readonly ref: Ref;
  /** Of `watch`: what `to` is told when the watcher is gone; of `unwatch`: now, instead of that. */
  readonly will?: unknown;
  /** Of `unwatch`: the watcher is gone. */
  readonly isDone?: boolean;
}

/** `linker` is to get the exit signal of `to`, or not any more. */
export interface LinkLinkMessage {
  readonly kind: "link" | "unlink";
  readonly to: Address;
  readonly linker: Address;
}

/** Asks what `inspect` answers about `to`. */
export interface InspectLinkMessage {
  readonly kind: "inspect";
  readonly to: string;
  readonly replyTo: Ref;
}

/**
 * Something that was said did not arrive. `resync` asks the other side to say again what it
 * watches here and is linked to, and what of the `lost` messages from number `first` on must not
 * be missing; `forget` comes before watches and links: what had been said of them is undone.
 */
export interface ResyncLinkMessage {
  readonly kind: "resync" | "forget" | "nothing";
  readonly first?: number;
  readonly lost?: number;
}

/** Something that was published. */
export type Publication = Extract<SubjectMessage, { kind: "publication" }>;

/** A message that is for somebody. */
export type AddressedLinkMessage = Exclude<LinkMessage, ResyncLinkMessage | SubjectMessage>;

/** Whether a message needs credit and a node that is up: the others are told it in any case. */
export function isForUsers({ kind }: LinkMessage): boolean {
  return kind === "message" || kind === "publication";
}

/** One message of a link. All but those for users are system messages: they pass before those. */
export type LinkMessage =
  | UserLinkMessage
  | ReplyLinkMessage
  | DownLinkMessage
  | ExitLinkMessage
  | WatchLinkMessage
  | LinkLinkMessage
  | InspectLinkMessage
  | ResyncLinkMessage
  | SubjectMessage;
