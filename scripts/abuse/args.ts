/** Numbers of the abuse scripts. @module */

import { parseArgs as untyped } from "@std/cli/parse-args";

/** How many of each, and how long. */
export interface AbuseCounts {
  /** Announce a message of 64 MiB. Default 300. */
  readonly announcing: number;
  /** Read nothing of a broadcast. Default 100. */
  readonly stalled: number;
  /** Send headers byte by byte. Default 100. */
  readonly dripping: number;
  /** Behave. Default 100. */
  readonly wellBehaved: number;
  /** Length of the whole, in seconds. Default 15. */
  readonly seconds: number;
}

const DEFAULTS: AbuseCounts = Object.freeze({
  announcing: 300,
  stalled: 100,
  dripping: 100,
  wellBehaved: 100,
  seconds: 15,
});

const parse: (args: readonly string[]) => Record<string, unknown> & { _: unknown[] } = untyped;

/** Reads `--NAME NUMBER`. @throws {TypeError} If a name is unknown or a value is no number. */
export function parseArgs(args: readonly string[]): AbuseCounts {
  return parseNumbers(args, DEFAULTS);
}

/**
 * Reads `--NAME NUMBER` for the names that have defaults.
 *
 * @throws {TypeError} If a name is unknown or a value is no number above zero.
 */
export function parseNumbers<T extends object>(args: readonly string[], defaults: T): T {
  const { _: rest, ...given } = parse(args);
  const names = Object.keys(defaults);
  for (const [name, value] of [...Object.entries(given), ...rest.map((each) => [each, ""])]) {
    if (names.includes(String(name)) && Number(value) > 0) continue;
    const expected = names.map((each) => `--${each} NUMBER`).join(", ");
    throw new TypeError(`Cannot read ${name} ${value}: expected ${expected}`);
  }
  const numbers = Object.entries(given).map(([name, value]) => [name, Number(value)]);
  return { ...defaults, ...Object.fromEntries(numbers) };
}
