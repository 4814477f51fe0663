/**
 * Deadlines that do not count the program's own pauses.
 *
 * While the program computes without a pause, or is stopped, it takes in nothing of what
 * would be in time; and when it goes on, its timers come before what has arrived. So a
 * deadline whose timer is late is not over yet: first what has arrived is read.
 *
 * @module
 */

import { type Clock, SYSTEM_CLOCK, type Timer } from "./clock.ts";

/**
 * A timer that is later than this was held up by the program itself; and the time to take
 * in what has arrived meanwhile. In milliseconds.
 */
export const HELD_UP_MS = 100;

/** How long the program was held up, by a timer that was due then; 0 if it was not. */
export function heldUpMs(dueMs: number, nowMs: number): number {
  const lateMs = nowMs - dueMs;
  return lateMs > HELD_UP_MS ? lateMs : 0;
}

/** Calls back after a delay; after a pause of the program, once it has had time to read. */
export class PatientTimer implements Disposable {
  readonly #callback: () => void;
  readonly #clock: Clock;
  #dueMs: number;
  #timer: Timer;
  /** Not twice in a row: a program that is always late would never give up. */
  #hasWaited = false;

  constructor(callback: () => void, delayMs: number, clock: Clock = SYSTEM_CLOCK) {
    this.#callback = callback;
    this.#clock = clock;
    this.#dueMs = clock.now() + delayMs;
    this.#timer = clock.setTimeout(this.#fire, delayMs);
  }

  /** Takes it back, unless it has called. */
  [Symbol.dispose](): void {
    this.#clock.clearTimeout(this.#timer);
  }

  readonly #fire = (): void => {
    const nowMs = this.#clock.now();
    if (this.#hasWaited || heldUpMs(this.#dueMs, nowMs) === 0) return this.#callback();
    this.#hasWaited = true;
    this.#dueMs = nowMs + HELD_UP_MS;
    this.#timer = this.#clock.setTimeout(this.#fire, HELD_UP_MS);
  };
}

/** A time that stands still while the program is held up, told by a timer that is set again and again. */
export class RunningTime {
  #heldUpMs = 0;
  #dueMs: number | undefined;

  /** Says when the next `tick` is due, by the clock. */
  expect(dueMs: number): void {
    this.#dueMs = dueMs;
  }

  /**
   * Takes note of a tick. After a pause it says so: what has arrived is not yet read, and
   * the pause is left out of the time.
   */
  tick(clockMs: number): { readonly nowMs: number; readonly wasHeldUp: boolean } {
    const pauseMs = this.#dueMs === undefined ? 0 : heldUpMs(this.#dueMs, clockMs);
    this.#heldUpMs += pauseMs;
    return { nowMs: clockMs - this.#heldUpMs, wasHeldUp: pauseMs > 0 };
  }
}
