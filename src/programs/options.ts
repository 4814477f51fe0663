/**
 * How a program is described to the process that runs it.
 *
 * @module
 */

import { assertOptions, optionNames, showValue } from "../text/mod.ts";

/** All of {@linkcode ProgramFormat}. */
export const PROGRAM_FORMATS: readonly ["json", "lines", "bytes"] = ["json", "lines", "bytes"];

/** How messages look to a program. */
export type ProgramFormat = "json" | "lines" | "bytes";

/** What a process whose code is a program has as its `env`. */
export interface ProgramOptions {
  /** The executable and its arguments; no shell reads them. */
  readonly command: readonly string[];
  /** Absolute directory that it is started in. Default: that of the server. */
  readonly cwd?: string;
  /** Its environment; of the server's own it gets nothing but `PATH`. Default `{}`. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * - `"json"` (default): a JSON object a line
   * - `"lines"`: each line is a text message of its one connection
   * - `"bytes"`: messages of its one connection, each after its length in 4 bytes, big endian
   */
  readonly format?: ProgramFormat;
  /** Longest line or message that it may write, in bytes. Default 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Run it for one connection and end it with that. Default false. */
  readonly perConnection?: boolean;
}

/** Defaults of {@linkcode ProgramOptions}. */
export const PROGRAM_DEFAULTS: Readonly<
  { format: ProgramFormat; maxMessageBytes: number; perConnection: boolean }
> = Object.freeze({ format: "json", maxMessageBytes: 1_048_576, perConnection: false });

/** Messages that wait for a program: one that is shared by connections, or has one. */
export const PROGRAM_MAILBOX: Readonly<{ shared: number; perConnection: number }> = Object.freeze({
  shared: 1_000,
  perConnection: 100,
});

const OPTIONS = optionNames<ProgramOptions>({
  command: true,
  cwd: true,
  env: true,
  format: true,
  maxMessageBytes: true,
  perConnection: true,
});

/** Options with all defaults filled in. */
export type ResolvedProgram = Required<Omit<ProgramOptions, "cwd">> & Pick<ProgramOptions, "cwd">;

/**
 * Checks what a program is described by and fills in the defaults.
 *
 * @throws {TypeError} If there is no such option, no command, or a value is of another kind.
 * @throws {RangeError} If `maxMessageBytes` is no number of bytes.
 */
export function resolveProgram(options: ProgramOptions): ResolvedProgram {
  assertOptions("run a program", options, OPTIONS);
  const resolved = { env: {}, ...PROGRAM_DEFAULTS, ...options };
  const { command, env, format, maxMessageBytes } = resolved;
  const isCommand = Array.isArray(command) && command.every(isText) && command[0] !== "" &&
    command.length > 0;
  unless(isCommand, "command", command, "a list of the executable and its arguments");
  unless(Object.values(env).every(isText), "env", env, "texts by name");
  const formats = PROGRAM_FORMATS.map((name) => JSON.stringify(name)).join(", ");
  unless(PROGRAM_FORMATS.includes(format), "format", format, `one of ${formats}`);
  if (Number.isInteger(maxMessageBytes) && maxMessageBytes > 0) return resolved;
  throw new RangeError(
    `Cannot run a program: got maxMessageBytes ${showValue(maxMessageBytes)}, expected 1 or more`,
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

function unless(isRight: boolean, name: string, value: unknown, expected: string): void {
  if (isRight) return;
  throw new TypeError(
    `Cannot run a program: got ${name} ${showValue(value)}, expected ${expected}`,
  );
}
