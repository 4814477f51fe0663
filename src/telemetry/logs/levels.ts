/**
 * Levels of the loggers of a thread: that of all, and those that categories have for a time.
 *
 * @module
 */

import { configureSync, type LoggerConfig, type LogRecord } from "@logtape/logtape";

/** Log levels, from the most talkative to the most silent. */
export const LOG_LEVELS = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "fatal",
] as const satisfies readonly LogLevel[];

/** How much a log line matters, from the least. */
export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "fatal";

/** A level of a category of its own. */
interface Override {
  readonly category: readonly string[];
  readonly level: LogLevel;
}

/** What LogTape is told: the level of all, and of categories that have their own. */
function loggersOf(
  level: LogLevel,
  overrides: readonly Override[],
): LoggerConfig<"out", never>[] {
  const byCategory = new Map(overrides.map((each) => [each.category.join("."), each]));
  const root = byCategory.get("")?.level ?? level;
  byCategory.delete("");
  return [
    { category: [], sinks: ["out"], lowestLevel: root },
    // LogTape's own category: only its complaints are of interest.
    { category: ["logtape", "meta"], lowestLevel: "error" },
    ...Array.from(byCategory.values(), ({ category, level }) => ({
      category: [...category],
      // Its own sink, whatever the level of those above it.
      sinks: ["out" as const],
      parentSinks: "override" as const,
      lowestLevel: level,
    })),
  ];
}

/** Gives all records of this thread that matter enough to one function, from now on. */
export class Levels {
  readonly #out: (record: LogRecord) => void;
  readonly #overrides: Override[] = [];
  #level: LogLevel;

  constructor(level: LogLevel, out: (record: LogRecord) => void) {
    this.#level = level;
    this.#out = out;
    this.#apply();
  }

  /** The level of all. */
  get level(): LogLevel {
    return this.#level;
  }

  set level(next: LogLevel) {
    this.#level = next;
    this.#apply();
  }

  /** Gives a category and those below it a level of their own; returns what takes that back. */
  override(category: readonly string[], level: LogLevel): () => void {
    const override = { category, level };
    this.#overrides.push(override);
    this.#apply();
    return () => {
      const index = this.#overrides.indexOf(override);
      if (index === -1) return;
      this.#overrides.splice(index, 1);
      this.#apply();
    };
  }

  #apply(): void {
    const loggers = loggersOf(this.#level, this.#overrides);
    configureSync({ reset: true, sinks: { out: this.#out }, loggers });
  }
}
