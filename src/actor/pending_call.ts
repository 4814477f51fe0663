/**
 * One call that waits for its reply.
 *
 * @module
 */

import { CallHandlerError, CallTimeoutError } from "./errors.ts";
import type { Target } from "./identities.ts";
import { assertPlainData } from "./plain_data.ts";
import type { Clock, Timer } from "./types.ts";

/** Settles once: by a reply, an error, or the time-out. */
export class PendingCall {
  readonly promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (error: Error) => void;
  #timer: Timer | undefined;
  #onSettled: (() => void)[] = [];
  #settled = false;

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
    if (this.#settled) this.clock.clearTimeout(timer);
    else this.#timer = timer;
  }

  /** Runs `release` when the call is settled. */
  whenSettled(release: () => void): void {
    if (this.#settled) release();
    else this.#onSettled.push(release);
  }

  /** What the envelope offers as `reply`. */
  readonly reply = (value: unknown): boolean => {
    if (this.#settled) return false;
    if (value instanceof Error) this.fail(new CallHandlerError(this.target, value));
    else {
      assertPlainData(value, "reply");
      this.#settle();
      this.#resolve(value);
    }
    return true;
  };

  /** Rejects the call, unless it is settled. */
  fail(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.#settled = true;
    if (this.#timer !== undefined) this.clock.clearTimeout(this.#timer);
    for (const release of this.#onSettled) release();
  }
}
