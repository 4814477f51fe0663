/**
 * Logs of a thread that another one writes.
 *
 * @module
 */

import {
  configureSync,
  getLogger as getLogTapeLogger,
  type LogRecord,
  resetSync,
} from "@logtape/logtape";
import type { LogLevel } from "./configure.ts";

/** Logs that go elsewhere. */
export interface LogForwarding extends Disposable {
  /** Changes the lowest level that is passed on. */
  setLevel(level: LogLevel): void;
}

/** Passes each record of this thread on, as plain data for `emitForwarded`. */
export function forwardLogs(level: LogLevel, pass: (record: unknown) => void): LogForwarding {
  const setLevel = (next: LogLevel) =>
    configureSync({
      reset: true,
      sinks: { out: (record: LogRecord) => pass(toPlain(record)) },
      loggers: [
        { category: [], sinks: ["out"], lowestLevel: next },
        { category: ["logtape", "meta"], lowestLevel: "error" },
      ],
    });
  setLevel(level);
  return { setLevel, [Symbol.dispose]: () => resetSync() };
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
