/**
 * The last lines of the log, kept for those who look.
 *
 * @module
 */

import type { LogRecord } from "@logtape/logtape";
import { escapeControls, redactText } from "../../text/mod.ts";

/** Lines that are kept, and characters of each. */
export const LAST_LINES = Object.freeze({ count: 500, chars: 2_000 });

/** One line of the log. */
export interface LogLine {
  /** Position in the log, from 1. */
  readonly index: number;
  /** How much it matters. */
  readonly level: string;
  /** Category, joined by dots. */
  readonly logger: string;
  /** When it was written, RFC 3339 in UTC. */
  readonly at: string;
  /** What it says, escaped, without the secrets of URLs. */
  readonly text: string;
}

/** Keeps records; lines are made of them when somebody asks. */
export class LastLines {
  readonly #records: LogRecord[] = [];
  #count = 0;

  /** Takes a record; the oldest one goes. */
  add(record: LogRecord): void {
    this.#records[this.#count++ % LAST_LINES.count] = record;
  }

  /** Lines after an index, at most so many of the last ones. */
  after(index: number, limit: number): LogLine[] {
    const oldest = Math.max(0, this.#count - Math.min(LAST_LINES.count, limit));
    const first = Math.max(oldest, index);
    const lines: LogLine[] = [];
    for (let at = first; at < this.#count; at++) {
      lines.push(toLine(at + 1, this.#records[at % LAST_LINES.count]!));
    }
    return lines;
  }
}

function toLine(index: number, { level, category, timestamp, message }: LogRecord): LogLine {
  const text = message.map(show).join("").slice(0, LAST_LINES.chars);
  return {
    index,
    level,
    logger: category.join("."),
    at: new Date(timestamp).toISOString(),
    text: redactText(escapeControls(text)),
  };
}

function show(part: unknown): string {
  if (typeof part === "string") return part;
  if (part instanceof Error) return part.message;
  return typeof part === "object" ? JSON.stringify(part) ?? String(part) : String(part);
}
