/**
 * When a connection is not read from.
 *
 * @module
 */

import type { Clock } from "../../time/mod.ts";
import { CLOSE_CODES } from "../close_codes.ts";
import type { RateLimit } from "../options.ts";
import type { Socket } from "../socket.ts";
import { type Bucket, fillBucket, takeToken } from "./rate_limit.ts";

/**
 * Pauses the reading of one socket, where its engine can.
 *
 * Reading goes on when what was waited for has happened, or at `release`.
 */
export class Pace {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #bucket: Bucket | undefined;
  #goOn: (() => void) | undefined;
  #isReleased = false;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /** Whether reading is paused now. */
  get isPaused(): boolean {
    return this.#goOn !== undefined;
  }

  /** Waits while there is no room at the target. */
  async awaitRoom(room: () => Promise<void> | undefined): Promise<void> {
    if (this.#socket.pause === undefined) return;
    while (!this.#isReleased) {
      // Others have waited as well, and may have taken the room by now.
      const free = room();
      if (free === undefined) return;
      await this.#pauseUntil(free);
    }
  }

  /**
   * Takes a token for a message and waits until the next one may be read.
   *
   * @returns The code to close with, where the engine cannot pause.
   */
  async keepRate(limit: RateLimit): Promise<number | undefined> {
    const nowMs = this.#clock.now();
    const { bucket, waitMs } = takeToken(this.#bucket ?? fillBucket(limit, nowMs), limit, nowMs);
    this.#bucket = bucket;
    if (waitMs === 0) return undefined;
    if (this.#socket.pause === undefined) return CLOSE_CODES.rateLimited.code;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimeout(resolve, waitMs);
    await this.#pauseUntil(promise);
    this.#clock.clearTimeout(timer);
    return undefined;
  }

  /** Reads on whatever was waited for, from now on. */
  release(): void {
    this.#isReleased = true;
    this.#goOn?.();
  }

  async #pauseUntil(enough: Promise<void>): Promise<void> {
    if (this.#isReleased) return;
    this.#socket.pause?.();
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
      void enough.then(resolve);
    });
    this.#goOn = undefined;
    this.#socket.resume?.();
  }
}
