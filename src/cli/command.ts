/**
 * What a command is.
 *
 * @module
 */

import type { Completes, Flag } from "./flags.ts";

/** One command. */
export interface Command {
  readonly name: string;
  /** Arguments after the name, for the help. */
  readonly usage: string;
  readonly summary: string;
  readonly details: string;
  readonly flags: readonly Flag[];
  /** Arguments that are no flags, at most. */
  readonly positionals: number;
  /** What a shell offers for them. Default: nothing. */
  readonly completes?: Completes;
}
