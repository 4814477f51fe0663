/**
 * Looks at open connections in turn, with one timer for all.
 *
 * @module
 */

import { type Clock, RunningTime, type Timer } from "../../time/mod.ts";
import { judgeEveryMs, type LivenessLimits } from "./liveness.ts";

/** Something to look at. */
export interface Watched {
  /** Acts if a limit is passed, by a time that leaves out the pauses of the program. */
  look(nowMs: number): void;
}

/** What can be looked at, one by one: a set, or a map by it. */
export interface WatchedGroup {
  readonly size: number;
  keys(): IterableIterator<Watched>;
}

/** The timer runs while there is something to look at and a limit to look for. */
export class Watch {
  readonly #group: WatchedGroup;
  readonly #clock: Clock;
  readonly #time = new RunningTime();
  #timer: Timer | undefined;
  /** Not twice in a row: in a program that is always late nobody would ever be given up. */
  #hasWaited = false;

  constructor(group: WatchedGroup, clock: Clock) {
    this.#group = group;
    this.#clock = clock;
  }

  /** Starts or stops, as the group and the limits have become. */
  update(limits: LivenessLimits, haveLimitsChanged = false): void {
    const isNeeded = this.#group.size > 0;
    if (!isNeeded || haveLimitsChanged) this.stop();
    if (!isNeeded || this.#timer !== undefined) return;
    const everyMs = judgeEveryMs(limits);
    if (everyMs === undefined) return;
    this.#lookIn(everyMs);
  }

  /** Looks no more, until the next `update`. */
  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookIn(everyMs: number): void {
    this.#time.expect(this.#clock.now() + everyMs);
    this.#timer = this.#clock.setTimeout(() => {
      // After a pause of the program nobody is judged before what has arrived was read.
      const { nowMs, wasHeldUp } = this.#time.tick(this.#clock.now());
      this.#lookIn(everyMs);
      this.#hasWaited = wasHeldUp && !this.#hasWaited;
      if (this.#hasWaited) return;
      for (const watched of this.#group.keys()) watched.look(nowMs);
    }, everyMs);
  }
}
