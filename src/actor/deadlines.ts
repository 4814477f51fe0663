/**
 * Deadlines that hardly ever pass, with one timer for many.
 *
 * @module
 */

import { type Clock, HELD_UP_MS, heldUpMs, type Timer } from "../time/mod.ts";

/** What has a deadline. */
export interface Dated {
  /** When it is due, by the clock that `Deadlines` keeps; set by `add`. */
  dueMs: number;
  /** The deadline has passed. */
  expire(): void;
}

/**
 * Microtasks that setting a timer is put off for. Most calls within a node are
 * answered sooner, and a timer costs more than such a call.
 */
const PUT_OFF_MICROTASKS = 12;

/**
 * The deadlines of a node. Those of one length pass in the order in which they
 * were set, so each length needs one timer: for its first.
 *
 * None passes early. While a program computes without a pause, or is stopped, it
 * takes in nothing of what would be in time: that much is added to all, and a
 * moment to take it in.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #lanes = new Map<number, Lane>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many there are. */
  get size(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.size, 0);
  }

  /** Sets a deadline, `delayMs` milliseconds after `nowMs`. */
  add(dated: Dated, delayMs: number, nowMs: number): void {
    let lane = this.#lanes.get(delayMs);
    if (lane === undefined) {
      lane = new Lane(this.#clock, delayMs, (empty) => {
        if (this.#lanes.get(delayMs) === empty) this.#lanes.delete(delayMs);
      });
      this.#lanes.set(delayMs, lane);
    }
    lane.add(dated, nowMs);
  }

  /** Takes one back that was set with that delay, unless it has passed. */
  remove(dated: Dated, delayMs: number): void {
    this.#lanes.get(delayMs)?.remove(dated);
  }
}

/** Deadlines of one length. */
class Lane {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #over: (lane: Lane) => void;
  readonly #waiting = new Set<Dated>();
  #timer: Timer | undefined;
  /** When the timer is to fire. */
  #timerMs = 0;
  /** How long the program was held up in all. */
  #heldUpMs = 0;
  /** Not twice in a row: a program that is always late would never give up. */
  #hasForgiven = false;
  /** Microtasks to go until there is to be a timer for what was the first. */
  #putOff = 0;
  #putOffFor: Dated | undefined;

  constructor(clock: Clock, delayMs: number, over: (lane: Lane) => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#over = over;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(dated: Dated, nowMs: number): void {
    dated.dueMs = nowMs - this.#heldUpMs + this.#delayMs;
    this.#waiting.add(dated);
    if (this.#timer === undefined && this.#putOff === 0) this.#putOffTimer();
  }

  remove(dated: Dated): void {
    if (this.#waiting.delete(dated) && this.#waiting.size === 0) this.#rest();
  }

  #nowMs(): number {
    return this.#clock.now() - this.#heldUpMs;
  }

  get #first(): Dated | undefined {
    return this.#waiting.values().next().value;
  }

  #putOffTimer(): void {
    this.#putOff = PUT_OFF_MICROTASKS;
    this.#putOffFor = this.#first;
    queueMicrotask(this.#countDown);
  }

  readonly #countDown = (): void => {
    if (--this.#putOff > 0) return queueMicrotask(this.#countDown);
    if (this.#waiting.size === 0) return this.#rest();
    if (this.#timer !== undefined) return;
    // Where one call follows the other there is always one that waits, and none that waits long.
    if (this.#putOffFor === this.#first) this.#setTimer();
    else this.#putOffTimer();
  };

  /** Nothing waits. */
  #rest(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#putOff === 0) this.#over(this);
  }

  #setTimer(): void {
    const nowMs = this.#nowMs();
    const delayMs = Math.max(0, this.#first!.dueMs - nowMs);
    this.#timerMs = nowMs + delayMs;
    this.#timer = this.#clock.setTimeout(() => this.#fire(), delayMs);
    // The first `setTimeout` under `deno test` runs microtasks: all may be settled by now.
    if (this.#waiting.size === 0) this.#rest();
  }

  #fire(): void {
    this.#timer = undefined;
    const lateMs = heldUpMs(this.#timerMs, this.#nowMs());
    this.#hasForgiven = lateMs > 0 && !this.#hasForgiven;
    if (this.#hasForgiven) this.#heldUpMs += lateMs + HELD_UP_MS;
    else this.#expireDue();
    if (this.#waiting.size > 0) this.#setTimer();
    else this.#rest();
  }

  #expireDue(): void {
    const nowMs = this.#nowMs();
    for (const dated of this.#waiting) {
      if (dated.dueMs > nowMs) return;
      this.#waiting.delete(dated);
      dated.expire();
    }
  }
}
