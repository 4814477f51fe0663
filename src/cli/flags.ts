/**
 * Command line arguments to values.
 *
 * @module
 */

import { parseArgs as untyped } from "@std/cli/parse-args";
import { type Assignment, parseSetting } from "../config/mod.ts";
import { nearestName, quote } from "../text/mod.ts";

interface ParseOptions {
  readonly string: readonly string[];
  readonly boolean: readonly string[];
  readonly collect: readonly string[];
  readonly alias: Readonly<Record<string, string>>;
  readonly unknown: (argument: string, key?: string) => boolean;
}

const parseArgs: (
  args: readonly string[],
  options: ParseOptions,
) => Record<string, unknown> & { readonly _: readonly (string | number)[] } = untyped;

/** What a shell offers for a value: files, directories, names of commands, or these words. */
export type Completes = "file" | "directory" | "command" | readonly string[];

/** One flag of a command. */
export interface Flag {
  readonly name: string;
  readonly alias?: string;
  /** What the value is, for the help; without one the flag takes none. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly help: string;
  /** What a shell offers for the value. Default: nothing. */
  readonly completes?: Completes;
  /** The configuration key that it sets; `*` is every endpoint. */
  readonly path?: readonly string[];
}

/** The command line is wrong; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
}

/** Parsed arguments of a command. */
export interface ParsedFlags {
  /** Values by flag name, in the order given. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

function spelled(flag: Flag): string[] {
  return flag.alias === undefined ? [`--${flag.name}`] : [`--${flag.name}`, `-${flag.alias}`];
}

/**
 * Parses the arguments of a command.
 *
 * @throws {UsageError} On an unknown flag, with the nearest one; or a flag
 * without its value.
 */
export function parseFlags(args: readonly string[], flags: readonly Flag[]): ParsedFlags {
  const taking = flags.filter((flag) => flag.value !== undefined).map((flag) => flag.name);
  const parsed = parseArgs(args, {
    string: ["_", ...taking],
    boolean: flags.filter((flag) => flag.value === undefined).map((flag) => flag.name),
    // "_" keeps arguments that look like numbers as they are. All flags are collected, so that a flag given twice can be told from one.
    collect: taking,
    alias: Object.fromEntries(flags.flatMap((flag) => flag.alias ? [[flag.alias, flag.name]] : [])),
    unknown(argument, key) {
      if (key === undefined) return true;
      const name = argument.split("=")[0] ?? argument;
      const known = flags.flatMap(spelled);
      throw new UsageError(
        `Cannot use flag ${quote(name)}: it is not known; did you mean ${nearestName(name, known)}`,
      );
    },
  });
  const values = new Map<string, string[]>();
  for (const flag of flags) {
    const given = parsed[flag.name];
    if (given === true) values.set(flag.name, []);
    else if (Array.isArray(given) && given.length > 0) values.set(flag.name, given.map(String));
    checkValues(flag, values.get(flag.name) ?? []);
  }
  return { values, positionals: parsed._.map(String) };
}

function checkValues(flag: Flag, values: readonly string[]): void {
  const spelling = `--${flag.name}`;
  if (values.includes("")) {
    throw new UsageError(`Cannot use ${spelling}: its value is missing, expected ${flag.value}`);
  }
  if (values.length > 1 && flag.repeatable !== true) {
    throw new UsageError(
      `Cannot use ${spelling}: it is given ${values.length} times, expected one`,
    );
  }
}

/** A flag's value as the configuration has it. */
function configValue(flag: Flag, values: readonly string[]): unknown {
  const [first = ""] = values;
  if (flag.repeatable) {
    // One origin may also be the word "same-origin" or "*".
    return values.length === 1 ? first : [...values];
  }
  return /^\d+$/.test(first) ? Number(first) : first;
}

/**
 * What flags set in the configuration: those of `--set` first, then the flags
 * that have a name of their own, which therefore win.
 *
 * @throws {ConfigError} If a `--set` has not the form `path.to.key=value`.
 */
export function flagAssignments(parsed: ParsedFlags, flags: readonly Flag[]): Assignment[] {
  const assignments = (parsed.values.get("set") ?? []).map(parseSetting);
  for (const flag of flags) {
    const values = parsed.values.get(flag.name);
    if (flag.path === undefined || values === undefined) continue;
    const value = configValue(flag, values);
    assignments.push({ path: flag.path, value, source: `--${flag.name}` });
  }
  return assignments;
}
