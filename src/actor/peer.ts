/**
 * An actor as others reach it, wherever it lives.
 *
 * @module
 */

import type { Envelope, ExitReason, InspectRecord, SendResult } from "./envelope.ts";
import type { Address, Ref, Target } from "./identities.ts";
import type { SubjectMessage } from "./subjects/types.ts";

/** Where a message can be sent to. */
export interface Recipient {
  /** Name of the node that it lives on. */
  readonly node: string;
  /**
   * Gives it an envelope; `beyondBound` passes a full mailbox. On another node
   * `"accepted"` means that the link took it, and `"full"` that it has no credit.
   */
  offer(envelope: Envelope, beyondBound?: boolean): SendResult;
  /**
   * Refuses a message by throwing; only who lives here can. Of one `sendAll`, `round` is
   * the same for all: who has checked the message in it need not do so again.
   */
  validate?(message: unknown, round?: object): void;
  /**
   * Something to wait for before sending more, while there is much to take in: of
   * a mailbox until it is three quarters empty, of another node until its link has credit.
   */
  capacity(): Promise<void> | undefined;
  /** What `inspect` answers about it. */
  describe(): Promise<InspectRecord>;
}

/**
 * One actor: on this node the actor itself, of another node its stand-in.
 *
 * What a stand-in is told goes over the link to its node, in the order in which
 * it is told; what comes back goes through the {@linkcode Attachment}.
 */
export interface Peer extends Recipient {
  /** Its identity. */
  readonly address: Address;
  /** `watcher` is to get one `down` with this `ref` when this ends; `will` as of `monitor`. */
  watch(watcher: Address, ref: Ref, will?: unknown): void;
  /** Takes that back; its will is left undone, or done now: `will`, if there is another one. */
  unwatch(watcher: Address, ref: Ref, isDone?: boolean, will?: unknown): void;
  /** `linker` is to get an exit signal when this ends. */
  link(linker: Address): void;
  /** Takes that back. */
  unlink(linker: Address): void;
  /**
   * Acts on an exit signal; that of its own parent stops it even if it traps exits. `isEnd`: it
   * is that of the end of `from`, for a link with it.
   */
  signalExit(from: Address, reason: ExitReason, isEnd?: boolean): void;
}

/** Why there is nobody behind a target. */
export type Absence = "unknown" | "terminated" | "unreachable";

/** Why nobody takes messages for a target. */
export type Refusal = Absence | "full";

/** What came of a call, as it crosses between nodes. */
export type Answer =
  | { readonly kind: "value"; readonly value: unknown }
  /** The callee threw, or answered with an error: its text. */
  | { readonly kind: "error"; readonly text: string }
  /** The callee had ended, ended before it answered, or its mailbox is full. */
  | { readonly kind: "refused"; readonly why: Exclude<SendResult, "accepted"> };

/** Another node, as this one reaches it. */
export interface RemoteNode {
  /** `name@host`. */
  readonly name: string;
  /** Of the start of it that is meant. */
  readonly incarnation: string;
  /** The stand-in for an identity of that start of it. */
  peer(address: Address): Peer;
  /** The stand-in for whoever has a name there. */
  named(name: string): Recipient;
  /** Settles a call that was made there. */
  answer(ref: Ref, answer: Answer): void;
  /** Something to wait for before sending more: present while its link has no credit. */
  capacity(): Promise<void> | undefined;
  /** Tells it what is wanted here, or gives it what it wants: the same object to all nodes. */
  tell(message: SubjectMessage): SendResult;
}

/** What a link does on this node for the one at its other end. */
export interface Attachment {
  /** The actor of this node that a target means; never the stand-in of another one. */
  find(target: Target): Peer | Absence;
  /**
   * Takes in an envelope for an actor of this node: a `message`, which with
   * `replyTo` is a call whose answer goes back, or a `down`, which is delivered
   * once for each monitor. What the actor refuses is logged and counted.
   */
  deliver(to: Target, envelope: Envelope, beyondBound?: boolean): SendResult;
  /** Something there has ended: its exit signal goes to `linker`, if that is still linked to it. */
  breakLink(linker: Address, target: Address, reason: ExitReason): void;
  /**
   * Asks the other node about a target there: `send` is given what the answer is to be
   * addressed to. Rejects as a call does.
   */
  ask(target: Target, send: (replyTo: Ref) => SendResult): Promise<unknown>;
  /** Settles a call or a question of this node; false if nobody waits any more. */
  answer(ref: Ref, answer: Answer): boolean;
  /**
   * Says the other node again, through its stand-ins, what is watched there from here and
   * linked to, and what is wanted here: some of what was said may not have arrived.
   */
  repeat(): void;
  /** Undoes what is watched here from there and linked to: all of it will be said again. */
  undo(): void;
  /** Takes in what the other node wants, and what was published there. */
  hear(message: SubjectMessage): void;
  /** Tells the other node what is wanted here, if it does not know: before it is told other things. */
  flush(): void;
  /**
   * The other node is lost: each monitor of something there fires once and each
   * link breaks, with `noconnection`; calls that wait for it fail.
   */
  detach(): void;
}
