/**
 * Levels of loggers that are in force for a time.
 *
 * @module
 */

import type { Clock, Timer } from "../time/mod.ts";
import type { ApiLogs, Level } from "./host.ts";

/** Levels that were set and will be undone; disposing undoes them now. */
export class LogLevels implements Disposable {
  readonly #logs: ApiLogs | undefined;
  readonly #clock: Clock;
  readonly #set = new Map<string, { readonly timer: Timer; readonly undo: () => void }>();

  constructor(logs: ApiLogs | undefined, clock: Clock) {
    this.#logs = logs;
    this.#clock = clock;
  }

  /** Sets a level; until when it is in force, or nothing where there are no logs to set. */
  set(logger: string, level: Level, forMs: number): string | undefined {
    if (this.#logs === undefined) return undefined;
    this.#undo(logger);
    const undo = this.#logs.setLevel(logger === "" ? [] : logger.split("."), level);
    const timer = this.#clock.setTimeout(() => this.#undo(logger), forMs);
    this.#set.set(logger, { timer, undo });
    return new Date(Date.now() + forMs).toISOString();
  }

  [Symbol.dispose](): void {
    for (const logger of [...this.#set.keys()]) this.#undo(logger);
  }

  #undo(logger: string): void {
    const found = this.#set.get(logger);
    if (found === undefined) return;
    this.#set.delete(logger);
    this.#clock.clearTimeout(found.timer);
    found.undo();
  }
}
