/**
 * Listens again after a listener has ended or gone deaf, until that works.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import { type Clock, SYSTEM_CLOCK, type Timer } from "../time/mod.ts";

const log = getLogger(["troupe", "server"]);

/** Between two attempts, in milliseconds: each one waits twice as long as the one before. */
export const RETRY_DELAYS: Readonly<{ firstMs: number; mostMs: number }> = Object.freeze({
  firstMs: 100,
  mostMs: 2000,
});

/** Keeps at it; disposing ends it. */
export class Relistener implements Disposable {
  readonly #listen: () => unknown;
  readonly #clock: Clock;
  #delayMs: number = RETRY_DELAYS.firstMs;
  #timer: Timer | undefined;
  #isTrying = false;
  #isDisposed = false;

  /** `listen` throws or rejects if the address cannot be had. */
  constructor(listen: () => unknown, clock: Clock = SYSTEM_CLOCK) {
    this.#listen = listen;
    this.#clock = clock;
  }

  /** False from the moment when it was found not to listen until it does again. */
  get isListening(): boolean {
    return !this.#isTrying;
  }

  /** It has taken a connection in: the next trouble is a new one. */
  isWell(): void {
    this.#delayMs = RETRY_DELAYS.firstMs;
  }

  /** Listens again, at once or after a delay; asked meanwhile, nothing changes. */
  start(why: string, { atOnce }: { readonly atOnce: boolean }): void {
    if (this.#isTrying || this.#isDisposed) return;
    this.#isTrying = true;
    const delayMs = atOnce ? 0 : this.#nextDelay();
    log.error("{why}: listening anew in {delayMs} ms", { why, delayMs });
    this.#tryLater(delayMs);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
  }

  #nextDelay(): number {
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(delayMs * 2, RETRY_DELAYS.mostMs);
    return delayMs;
  }

  #tryLater(delayMs: number): void {
    this.#timer = this.#clock.setTimeout(() => void this.#try(), delayMs);
  }

  async #try(): Promise<void> {
    this.#timer = undefined;
    try {
      await this.#listen();
    } catch (error) {
      if (this.#isDisposed) return;
      const delayMs = this.#nextDelay();
      log.error("Cannot listen, trying again in {delayMs} ms: {error}", { delayMs, error });
      return this.#tryLater(delayMs);
    }
    this.#isTrying = false;
    if (!this.#isDisposed) log.info("Listening again");
  }
}
