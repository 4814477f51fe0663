/**
 * The calls that one actor has to answer, and those that it waits for.
 *
 * @module
 */

import type { Envelope } from "./envelope.ts";
import { CallHandlerError, CallTerminatedError } from "./errors.ts";
import { type CallBook, type OwedAnswer, owedFor, type PendingCall } from "./pending_call.ts";

/** What a function threw, which may be `undefined`. */
export interface Thrown {
  readonly error: unknown;
}

const UNANSWERED = "it ended before it replied";

/** Open calls; fails them when the actor ends. */
export class OpenCalls implements CallBook {
  readonly owed: Set<OwedAnswer> = new Set();
  readonly made: Set<PendingCall> = new Set();

  /** How many are open. */
  get size(): number {
    return this.owed.size + this.made.size;
  }

  /** Fails the calls among messages that nobody will read. */
  failUnread(unread: readonly Envelope[]): void {
    for (const envelope of unread) {
      const call = owedFor(envelope);
      call?.fail(new CallTerminatedError(call.target, UNANSWERED));
    }
  }

  /** Fails all: the actor has ended, by what it threw or otherwise. */
  failAll(address: string, thrown: Thrown | undefined): void {
    for (const call of [...this.owed]) {
      call.fail(
        thrown === undefined
          ? new CallTerminatedError(call.target, UNANSWERED)
          : new CallHandlerError(call.target, thrown.error),
      );
    }
    for (const call of [...this.made]) {
      call.fail(new CallTerminatedError(call.target, `the caller ${address} has ended`));
    }
  }
}
