/**
 * One call that waits for its reply.
 *
 * @module
 */

import type { Dated, Deadlines } from "./deadlines.ts";
import {
  type CallError,
  type CallErrorCode,
  CallHandlerError,
  CallTimeoutError,
} from "./errors.ts";
import type { Pid, Target } from "./identities.ts";
import { assertPlainData } from "./plain_data.ts";
import type { Envelope } from "./types.ts";

/** How a call went: replied to, or the code of its error. */
export type CallOutcome = "ok" | CallErrorCode;

/** What a call needs of its node. */
export interface CallHost {
  readonly deadlines: Deadlines;
  /** A call was settled. */
  settled(call: PendingCall, outcome: CallOutcome): void;
}

/** The open calls of an actor, which end with it. */
export interface CallBook {
  /** Those that it has to answer. */
  readonly owed: Set<PendingCall>;
  /** Those that it waits for. */
  readonly made: Set<PendingCall>;
}

/** Settles once: by a reply, an error, or the time-out. */
export class PendingCall implements Dated {
  readonly promise: Promise<unknown>;
  dueMs = 0;
  #resolve!: (value: unknown) => void;
  #reject!: (error: Error) => void;
  #isSettled = false;
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

  /** It is on its way: from now on it has to be answered, in time. */
  start(callee: CallBook, caller: CallBook | undefined): void {
    // A meta-process may have answered by now.
    if (this.#isSettled) return;
    this.#callee = callee;
    callee.owed.add(this);
    this.#caller = caller;
    caller?.made.add(this);
    this.host.deadlines.add(this, this.timeoutMs, this.startedMs);
  }

  /** Gives the caller what the envelope's `reply` was given; false if nobody waits any more. */
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

  /** Rejects the call, unless it is settled. */
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
    if (this.#callee !== undefined) {
      this.#callee.owed.delete(this);
      this.#caller?.made.delete(this);
      this.host.deadlines.remove(this, this.timeoutMs);
    }
    this.host.settled(this, outcome);
  }
}

/** The message of a call. */
class Request implements Envelope {
  readonly #call: PendingCall;
  readonly reply: (value: unknown) => boolean;

  constructor(readonly from: Pid, readonly message: unknown, call: PendingCall) {
    this.#call = call;
    this.reply = (value) => call.answer(value);
  }

  static callOf(envelope: Envelope): PendingCall | undefined {
    return #call in envelope ? envelope.#call : undefined;
  }
}

/** The message of a call; its `reply` settles it. */
export function createRequest(from: Pid, message: unknown, call: PendingCall): Envelope {
  return new Request(from, message, call);
}

/** The call that an envelope is the message of. */
export function callOf(envelope: Envelope): PendingCall | undefined {
  return Request.callOf(envelope);
}
