/**
 * What goes wrong with programs.
 *
 * @module
 */

import { quote } from "../text/mod.ts";

/** A program cannot be started. */
export class ProgramStartError extends Error {
  /** Name of the class. */
  override readonly name = "ProgramStartError";
  /** Stays the same in all versions. */
  readonly code = "program_start";

  /** `program` is its first word; `why` follows in the text. */
  constructor(readonly program: string, why: string, options?: ErrorOptions) {
    super(`Cannot start program ${quote(program)}: ${why}`, options);
  }
}

/** A program has ended by itself, and not with exit code 0. */
export class ProgramEndedError extends Error {
  /** Name of the class. */
  override readonly name = "ProgramEndedError";
  /** Stays the same in all versions. */
  readonly code = "program_ended";

  /** Either the signal that ended it, or its exit code. */
  constructor(readonly program: string, readonly exitCode: number, readonly signal: string | null) {
    const how = signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
    super(`Cannot go on with program ${quote(program)}: it ended with ${how}`);
  }
}

/** A program wrote more without an end than a line or message may have. */
export class ProgramOutputError extends Error {
  /** Name of the class. */
  override readonly name = "ProgramOutputError";
  /** Stays the same in all versions. */
  readonly code = "program_output";

  /** `what` is a line or a message. */
  constructor(what: "line" | "message", readonly maxBytes: number) {
    super(`Cannot read the output of a program: a ${what} is longer than ${maxBytes} bytes`);
  }
}
