/**
 * Logs of a thread that another one writes.
 *
 * @module
 */

import { getLogger as getLogTapeLogger, type LogRecord, resetSync } from "@logtape/logtape";
import type { LogsHandle } from "./configure.ts";
import { LastLines } from "./last_lines.ts";
import { Levels, type LogLevel } from "./levels.ts";

/** Logs that go elsewhere. */
export interface LogForwarding extends Disposable, Pick<LogsHandle, "overrideLevel" | "lines"> {
  /** Changes the lowest level that is passed on. */
  setLevel(level: LogLevel): void;
}

/** Passes each record of this thread on, as plain data for `emitForwarded`. */
export function forwardLogs(level: LogLevel, pass: (record: unknown) => void): LogForwarding {
  const lastLines = new LastLines();
  const levels = new Levels(level, (record) => {
    lastLines.add(record);
    pass(toPlain(record));
  });
  return {
    setLevel(next) {
      levels.level = next;
    },
    overrideLevel: (category, own) => levels.override(category, own),
    lines: (after, limit) => lastLines.after(after, limit),
    [Symbol.dispose]: () => resetSync(),
  };
}

/** Writes what `forwardLogs` passed on, with more fields, as if it were logged here. */
export function emitForwarded(record: unknown, fields: Readonly<Record<string, unknown>>): void {
  const { category, ...rest } = record as LogRecord;
  getLogTapeLogger(category).emit({ ...rest, properties: { ...rest.properties, ...fields } });
}

/** A record that another thread takes; what it would not take is its text. */
function toPlain({ category, level, message, rawMessage, timestamp, properties }: LogRecord) {
  const plain = { category, level, message, rawMessage: `${rawMessage}`, timestamp, properties };
  try {
    return structuredClone(plain);
  } catch {
    const texts = Object.entries(properties).map(([key, value]) => [key, toText(value)]);
    return { ...plain, message: message.map(toText), properties: Object.fromEntries(texts) };
  }
}

function toText(value: unknown): string {
  try {
    return typeof value === "string" ? value : Deno.inspect(value);
  } catch {
    return typeof value;
  }
}
