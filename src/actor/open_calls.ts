/**
 * The calls that one actor has to answer, and those that it waits for.
 *
 * @module
 */

import { CallHandlerError, CallTerminatedError } from "./errors.ts";
import type { PendingCall } from "./pending_call.ts";
import type { Envelope } from "./types.ts";

/** What a function threw, which may be `undefined`. */
export interface Thrown {
  readonly error: unknown;
}

const UNANSWERED = "it ended before it replied";

/** Forgets a call when it is settled; fails the rest when the actor ends. */
export class OpenCalls {
  readonly #toAnswer = new Map<Envelope["reply"], PendingCall>();
  readonly #made = new Set<PendingCall>();

  /** How many are open. */
  get size(): number {
    return this.#toAnswer.size + this.#made.size;
  }

  /** Notes a call that this actor has to answer. */
  expectAnswer(call: PendingCall): void {
    this.#toAnswer.set(call.reply, call);
    call.whenSettled(() => this.#toAnswer.delete(call.reply));
  }

  /** Notes a call that this actor waits for. */
  awaitAnswer(call: PendingCall): void {
    this.#made.add(call);
    call.whenSettled(() => this.#made.delete(call));
  }

  /** Fails the calls among messages that nobody will read. */
  failUnread(unread: readonly Envelope[]): void {
    for (const { reply } of unread) {
      const call = this.#toAnswer.get(reply);
      call?.fail(new CallTerminatedError(call.target, UNANSWERED));
    }
  }

  /** Fails all: the actor has ended, by what it threw or otherwise. */
  failAll(address: string, thrown: Thrown | undefined): void {
    for (const call of [...this.#toAnswer.values()]) {
      call.fail(
        thrown === undefined
          ? new CallTerminatedError(call.target, UNANSWERED)
          : new CallHandlerError(call.target, thrown.error),
      );
    }
    for (const call of [...this.#made]) {
      call.fail(new CallTerminatedError(call.target, `the caller ${address} has ended`));
    }
  }
}
