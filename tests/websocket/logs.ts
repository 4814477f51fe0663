/**
 * Log lines as a test reads them.
 *
 * @module
 */

import { configureLogs, type LogLevel } from "../../src/telemetry/mod.ts";

/** Collects what is logged until disposed. */
export function captureLogs() {
  const lines: Record<string, unknown>[] = [];
  const logs = configureLogs({
    level: "debug",
    format: "json",
    write(bytes) {
      const text = new TextDecoder().decode(bytes).trimEnd();
      lines.push(...text.split("\n").map((line) => JSON.parse(line)));
      return Promise.resolve(bytes.length);
    },
  });
  return {
    /** The lines so far of a level. */
    async lines(level: LogLevel): Promise<Record<string, unknown>[]> {
      await logs.flush();
      return lines.filter((line) => String(line.level).toLowerCase() === level);
    },
    [Symbol.asyncDispose]: () => logs[Symbol.asyncDispose](),
  };
}
