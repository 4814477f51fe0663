/**
 * The logger that the rooms and the processes write to.
 *
 * @module
 */

import { getLogger as getLogTapeLogger } from "@logtape/logtape";

/** Structured fields of a log line; as a function, computed only when written. */
export type LogFields = Record<string, unknown> | (() => Record<string, unknown>);

/**
 * Writes log lines of one category (LogTape).
 *
 * `{name}` in a message stands for the field of that name, which is shown
 * escaped, so that text from outside cannot forge a line.
 */
export interface Logger {
  /** The category, for example `["troupe", "websocket"]`. */
  readonly category: readonly string[];
  /** Every step, for those who look for a fault in Troupe itself. */
  trace(message: string, fields?: LogFields): void;
  /** For those who look for a fault in their program. */
  debug(message: string, fields?: LogFields): void;
  /** What an operator wants to read in good times. */
  info(message: string, fields?: LogFields): void;
  /** Something is off, and went on. */
  warn(message: string, fields?: LogFields): void;
  /** Something failed. */
  error(message: string, fields?: LogFields): void;
  /** The server cannot go on. */
  fatal(message: string, fields?: LogFields): void;
  /** A logger of the same category that adds these fields to each line. */
  with(fields: Record<string, unknown>): Logger;
  /** A logger of a category below this one. */
  getChild(subcategory: string): Logger;
  /** Whether a line of that level would be written. */
  isEnabledFor(level: "trace" | "debug" | "info" | "warning" | "error" | "fatal"): boolean;
}

/**
 * The logger of a category, for example `["troupe", "websocket"]`.
 *
 * Cheap: the same category gives the same logger.
 */
export function getLogger(category: string | readonly string[] = []): Logger {
  return getLogTapeLogger(category);
}
