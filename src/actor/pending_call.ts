/**
 * One call that waits for its reply.
 *
 * @module
 */

import type { Dated, Deadlines } from "./deadlines.ts";
import type { Envelope } from "./envelope.ts";
import {
  type CallError,
  type CallErrorCode,
  CallHandlerError,
  CallTimeoutError,
} from "./errors.ts";
import type { Address, Target } from "./identities.ts";
import { assertPlainData } from "./plain_data.ts";

/** How a call went: replied to, or the code of its error. */
export type CallOutcome = "ok" | CallErrorCode;

/** What a call needs of its node. */
export interface CallHost {
  readonly deadlines: Deadlines;
  /** A call was settled. */
  settled(call: PendingCall, outcome: CallOutcome): void;
}

/** The answer that an actor owes to who called it, here or on another node. */
export interface OwedAnswer {
  /** As it was given to `call`. */
  readonly target: Target;
  /** Gives the caller what the envelope's `reply` was given; false if nobody waits any more. */
  answer(value: unknown): boolean;
  /** Rejects the call, unless it is settled. */
  fail(error: CallError): void;
}

/** The open calls of an actor, which end with it. */
export interface CallBook {
  /** Those that it has to answer. */
  readonly owed: Set<OwedAnswer>;
  /** Those that it waits for. */
  readonly made: Set<PendingCall>;
}

/** Settles once: by a reply, an error, or the time-out. */
export class PendingCall implements Dated, OwedAnswer {
  readonly promise: Promise<unknown>;
  dueMs = 0;
  #resolve!: (value: unknown) => void;
  #reject!: (error: Error) => void;
  #isSettled = false;
  #isStarted = false;
  #callee: CallBook | undefined;
  #caller: CallBook | undefined;

  constructor(
    readonly host: CallHost,
    readonly target: Target,
    readonly timeoutMs: number,
    /** When it was made, by the clock of the node. */
    readonly startedMs: number,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /**
   * It is on its way: from now on it has to be answered, in time. One that went to
   * another node has no `callee` here.
   */
  start(callee: CallBook | undefined, caller: CallBook | undefined): void {
    // A meta-process may have answered by now.
    if (this.#isSettled) return;
    this.#isStarted = true;
    this.#callee = callee;
    callee?.owed.add(this);
    this.#caller = caller;
    caller?.made.add(this);
    this.host.deadlines.add(this, this.timeoutMs, this.startedMs);
  }

  answer(value: unknown): boolean {
    if (this.#isSettled) return false;
    if (value instanceof Error) this.fail(new CallHandlerError(this.target, value));
    else {
      assertPlainData(value, "reply");
      this.#settle("ok");
      this.#resolve(value);
    }
    return true;
  }

  fail(error: CallError): void {
    if (this.#isSettled) return;
    this.#settle(error.code);
    this.#reject(error);
  }

  expire(): void {
    this.fail(new CallTimeoutError(this.target, this.timeoutMs));
  }

  #settle(outcome: CallOutcome): void {
    this.#isSettled = true;
    if (this.#isStarted) {
      this.#callee?.owed.delete(this);
      this.#caller?.made.delete(this);
      this.host.deadlines.remove(this, this.timeoutMs);
    }
    this.host.settled(this, outcome);
  }
}

/** The message of a call. */
class Request implements Envelope {
  readonly kind = "message";
  readonly #owed: OwedAnswer;
  readonly reply: (value: unknown) => boolean;

  constructor(readonly from: Address, readonly message: unknown, owed: OwedAnswer) {
    this.#owed = owed;
    this.reply = (value) => owed.answer(value);
  }

  static owedFor(envelope: Envelope): OwedAnswer | undefined {
    return #owed in envelope ? envelope.#owed : undefined;
  }
}

/** The message of a call; its `reply` settles it. */
export function createRequest(from: Address, message: unknown, owed: OwedAnswer): Envelope {
  return new Request(from, message, owed);
}

/** The answer that is owed to an envelope. */
export function owedFor(envelope: Envelope): OwedAnswer | undefined {
  return Request.owedFor(envelope);
}
