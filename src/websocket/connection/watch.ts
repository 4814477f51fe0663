/**
 * Looks at open connections in turn, with one timer for all.
 *
 * @module
 */

import { judgeEveryMs, type LivenessLimits } from "./liveness.ts";

/** Something to look at. */
export interface Watched {
  /** Acts if a limit is passed. */
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
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(group: WatchedGroup) {
    this.#group = group;
  }

  /** Starts or stops, as the group and the limits have become. */
  update(limits: LivenessLimits, haveLimitsChanged = false): void {
    const isNeeded = this.#group.size > 0;
    if (!isNeeded || haveLimitsChanged) this.#stop();
    if (!isNeeded || this.#timer !== undefined) return;
    const everyMs = judgeEveryMs(limits);
    if (everyMs === undefined) return;
    this.#timer = setInterval(() => this.#lookAtAll(), everyMs);
  }

  #lookAtAll(): void {
    const nowMs = performance.now();
    for (const watched of this.#group.keys()) watched.look(nowMs);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
