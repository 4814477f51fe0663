/**
 * One call that waits for its reply.
 *
 * @module
 */

import {
  type CallError,
  type CallErrorCode,
  CallHandlerError,
  CallTimeoutError,
} from "./errors.ts";
import type { Target } from "./identities.ts";
import { assertPlainData } from "./plain_data.ts";
import type { Clock, Timer } from "./types.ts";

/** How a call went: replied to, or the code of its error. */
export type CallOutcome = "ok" | CallErrorCode;

/** Settles once: by a reply, an error, or the time-out. */
export class PendingCall {
  readonly promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (error: Error) => void;
  #timer: Timer | undefined;
  #onSettled: ((outcome: CallOutcome) => void)[] = [];
  #settled: CallOutcome | undefined;

  constructor(readonly target: Target, readonly clock: Clock) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Starts the time-out. */
  start(timeoutMs: number): void {
    const timer = this.clock.setTimeout(
      () => this.fail(new CallTimeoutError(this.target, timeoutMs)),
      timeoutMs,
    );
    // The first `setTimeout` under `deno test` runs microtasks: the reply may have come.
    if (this.#settled !== undefined) this.clock.clearTimeout(timer);
    else this.#timer = timer;
  }

  /** Runs `release` when the call is settled. */
  whenSettled(release: (outcome: CallOutcome) => void): void {
    if (this.#settled !== undefined) release(this.#settled);
    else this.#onSettled.push(release);
  }

  /** What the envelope offers as `reply`. */
  readonly reply = (value: unknown): boolean => {
    if (this.#settled !== undefined) return false;
    if (value instanceof Error) this.fail(new CallHandlerError(this.target, value));
    else {
      assertPlainData(value, "reply");
      this.#settle("ok");
      this.#resolve(value);
    }
    return true;
  };

  /** Rejects the call, unless it is settled. */
  fail(error: CallError): void {
    if (this.#settled !== undefined) return;
    this.#settle(error.code);
    this.#reject(error);
  }

  #settle(outcome: CallOutcome): void {
    this.#settled = outcome;
    if (this.#timer !== undefined) this.clock.clearTimeout(this.#timer);
    for (const release of this.#onSettled) release(outcome);
  }
}
