/**
 * What the command line needs from the process that it runs in.
 *
 * @module
 */

import type { SignalSource } from "../server/mod.ts";
import type { WriteBytes } from "../telemetry/mod.ts";

/** Input and output of the command line; a test gives its own. */
export interface CliIo {
  /** Writes to standard output. */
  readonly stdout: (text: string) => void;
  /** Writes to standard error. */
  readonly stderr: (text: string) => void;
  /** Where log lines go; by default standard output. */
  readonly writeLog?: WriteBytes;
  /** Environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly directory: string;
  /** Where signals come from. */
  readonly signals: SignalSource;
}

function writeSync(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch {
    // The reader has gone (`troupe schema | head`): there is nobody to tell.
  }
}

/** Input and output of this very process. */
export function denoIo(): CliIo {
  return {
    stdout: (text) => writeSync(Deno.stdout, text),
    stderr: (text) => writeSync(Deno.stderr, text),
    environment: Deno.env.toObject(),
    directory: Deno.cwd(),
    signals: Deno,
  };
}
