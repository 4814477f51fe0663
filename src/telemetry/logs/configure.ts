/**
 * Sends the logs of this process to standard output.
 *
 * @module
 */

import { configureSync, type LoggerConfig, type LogRecord, resetSync } from "@logtape/logtape";
import { assertOptions, optionNames } from "../../text/mod.ts";
import { formatJson, formatText } from "./format.ts";
import { LastLines, type LogLine } from "./last_lines.ts";
import { createLineOutput } from "./output.ts";
import { writeStdout } from "./stdout.ts";
import type { WriteBytes } from "./write_all.ts";

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

/** Log formats; `"auto"` is text on a terminal and JSON lines otherwise. */
export const LOG_FORMATS = ["auto", "text", "json"] as const satisfies readonly LogFormat[];

/** `"auto"` is text on a terminal and JSON lines otherwise. */
export type LogFormat = "auto" | "text" | "json";

/** Options of {@linkcode configureLogs}. */
export interface LogsOptions {
  /** The lowest level that is written. Default `"info"`. */
  readonly level?: LogLevel;
  /** Default `"auto"`. */
  readonly format?: LogFormat;
  /** Where the lines go. Default: standard output. */
  readonly write?: WriteBytes;
  /** Whether that is a terminal, for `"auto"`. Default: whether standard output is. */
  readonly terminal?: boolean;
}

const OPTIONS = optionNames<LogsOptions>({
  level: true,
  format: true,
  write: true,
  terminal: true,
});

/** Defaults of {@linkcode LogsOptions}. */
export const LOGS_DEFAULTS: Readonly<{ level: LogLevel; format: LogFormat; flushMs: number }> =
  Object.freeze({ level: "info", format: "auto", flushMs: 1000 });

/** The configured logs. */
export interface LogsHandle extends AsyncDisposable {
  /** The level in force. */
  readonly level: LogLevel;
  /** Changes the level of all loggers, also of those that exist. */
  setLevel(level: LogLevel): void;
  /**
   * Gives a category and those below it a level of their own, which `setLevel` leaves alone;
   * returns what takes that back. The last one that was given for a category is in force.
   */
  overrideLevel(category: readonly string[], level: LogLevel): () => void;
  /** The last lines that were written, after the one with the index `after`, at most `limit`. */
  lines(after: number, limit: number): readonly LogLine[];
  /** Lines that could not be written so far. */
  readonly dropped: number;
  /**
   * Waits until everything is written, at most `timeoutMs` (default 1000).
   * Resolves with whether it was.
   */
  flush(timeoutMs?: number): Promise<boolean>;
}

function lossRecord(count: number): LogRecord {
  return {
    category: ["troupe", "telemetry"],
    level: "warning",
    message: ["Log lines dropped: ", count, ""],
    rawMessage: "Log lines dropped: {count}",
    timestamp: Date.now(),
    properties: { count },
  };
}

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

/**
 * Writes the logs of all loggers to standard output.
 *
 * Takes effect for the whole JavaScript thread and replaces an earlier
 * configuration. Writing never throws and never blocks; when standard output
 * is closed, full, or read too slowly, lines are dropped and counted.
 *
 * @throws {TypeError} If there is no such option.
 *
 * @example
 * ```ts ignore
 * await using logs = configureLogs({ level: "debug" });
 * getLogger("app").info("Ready on port {port}", { port: 8080 });
 * logs.setLevel("warning");
 * ```
 */
export function configureLogs(options: LogsOptions = {}): LogsHandle {
  assertOptions("configure logs", options, OPTIONS);
  const write = options.write ?? writeStdout;
  const wanted = options.format ?? LOGS_DEFAULTS.format;
  const terminal = options.terminal ?? Deno.stdout.isTerminal();
  const format = wanted === "text" || (wanted === "auto" && terminal) ? formatText : formatJson;
  const output = createLineOutput({ write, lossLine: (count) => format(lossRecord(count)) });
  let level = options.level ?? LOGS_DEFAULTS.level;

  const lastLines = new LastLines();
  const overrides: Override[] = [];

  function apply(): void {
    configureSync({
      reset: true,
      sinks: {
        out(record: LogRecord) {
          lastLines.add(record);
          output.push(format(record));
        },
      },
      loggers: loggersOf(level, overrides),
    });
  }

  apply();
  return {
    get level() {
      return level;
    },
    setLevel(next) {
      level = next;
      apply();
    },
    overrideLevel(category, own) {
      const override = { category, level: own };
      overrides.push(override);
      apply();
      return () => {
        const index = overrides.indexOf(override);
        if (index === -1) return;
        overrides.splice(index, 1);
        apply();
      };
    },
    lines: (after, limit) => lastLines.after(after, limit),
    get dropped() {
      return output.dropped;
    },
    flush: (timeoutMs = LOGS_DEFAULTS.flushMs) => output.flush(timeoutMs),
    async [Symbol.asyncDispose]() {
      await output.flush(LOGS_DEFAULTS.flushMs);
      resetSync();
    },
  };
}
