/**
 * What the command line needs from the process that it runs in.
 *
 * @module
 */

import { type SignalSource, workingDirectory } from "../server/mod.ts";
import type { WriteBytes } from "../telemetry/mod.ts";

/** Input and output of the command line; a test gives its own. */
export interface CliIo {
  /** Writes to standard output. */
  readonly stdout: (text: string) => void;
  /** Writes to standard error. */
  readonly stderr: (text: string) => void;
  /** Standard input. */
  readonly readInput: () => ReadableStream<Uint8Array>;
  /** Writes bytes to standard output; false if its reader has gone. */
  readonly writeOutput: (bytes: Uint8Array) => boolean;
  /** Whether a person reads standard output. */
  readonly isTerminal: boolean;
  /** Where log lines go; by default standard output. */
  readonly writeLog?: WriteBytes;
  /** Environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory. Throws if it is gone, which not every command needs to know. */
  readonly directory: string;
  /** Where signals come from. */
  readonly signals: SignalSource;
}

interface OutputStream {
  writeSync(bytes: Uint8Array): number;
}

/** False if the reader has gone (`troupe schema | head`): there is nobody to tell. */
function writeSync(stream: OutputStream, bytes: Uint8Array): boolean {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
    return true;
  } catch {
    return false;
  }
}

/** Input and output of this very process. */
export function denoIo(): CliIo {
  const encoder = new TextEncoder();
  return {
    stdout: (text) => void writeSync(Deno.stdout, encoder.encode(text)),
    stderr: (text) => void writeSync(Deno.stderr, encoder.encode(text)),
    readInput: () => Deno.stdin.readable,
    writeOutput: (bytes) => writeSync(Deno.stdout, bytes),
    isTerminal: Deno.stdout.isTerminal(),
    environment: Deno.env.toObject(),
    get directory() {
      return workingDirectory();
    },
    signals: Deno,
  };
}
