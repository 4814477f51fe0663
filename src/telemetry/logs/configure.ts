/**
 * Sends the logs of this process to standard output.
 *
 * @module
 */

import { type LogRecord, resetSync } from "@logtape/logtape";
import { assertOptions, optionNames } from "../../text/mod.ts";
import { formatJson, formatText } from "./format.ts";
import { LastLines, type LogLine } from "./last_lines.ts";
import { Levels, type LogLevel } from "./levels.ts";
import { createLineOutput } from "./output.ts";
import { writeStdout } from "./stdout.ts";
import type { WriteBytes } from "./write_all.ts";

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
  const lastLines = new LastLines();
  const levels = new Levels(options.level ?? LOGS_DEFAULTS.level, (record) => {
    lastLines.add(record);
    output.push(format(record));
  });
  return {
    get level() {
      return levels.level;
    },
    setLevel(next) {
      levels.level = next;
    },
    overrideLevel: (category, level) => levels.override(category, level),
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
