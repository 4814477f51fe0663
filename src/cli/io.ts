/**
 * What the command line needs from the process that it runs in.
 *
 * @module
 */

import { workingDirectory } from "../config/mod.ts";
import type { SignalSource } from "../server/mod.ts";
import { whenReady, type WriteBytes, writeStdout } from "../telemetry/mod.ts";
import { createByteOutput } from "./byte_output.ts";
import { type ExitGuard, guardExit } from "./exit_guard.ts";

/** Input and output of the command line; a test gives its own. */
export interface CliIo {
  /** Writes to standard output. */
  readonly stdout: (text: string) => void;
  /** Writes to standard error. */
  readonly stderr: (text: string) => void;
  /** Standard input. */
  readonly readInput: () => ReadableStream<Uint8Array>;
  /**
   * Writes bytes to standard output; false if nobody reads them any more. A
   * promise, also one that `signal` ends, resolves when there is room for more.
   */
  readonly writeOutput: (bytes: Uint8Array, signal?: AbortSignal) => boolean | Promise<boolean>;
  /**
   * Waits until what was written is with its readers, or `signal` drops the rest.
   * Resolves with what went wrong on standard output, but for a reader that has gone.
   */
  readonly end?: (signal?: AbortSignal) => Promise<unknown>;
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
  /** Ends the process so long after a first signal, in milliseconds, and at a second one. */
  readonly guardExit?: (deadlineMs: number) => ExitGuard;
}

/** Bytes of standard input that are read at once, at most. */
const INPUT_BYTES = 65_536;

/** Standard input, also one that does not block. */
function readInput(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const bytes = new Uint8Array(INPUT_BYTES);
      const count = await whenReady(() => Deno.stdin.read(bytes));
      if (count === null) controller.close();
      else controller.enqueue(bytes.subarray(0, count));
    },
  }, { highWaterMark: 0 });
}

/** Input and output of this very process. */
export function denoIo(): CliIo {
  const encoder = new TextEncoder();
  const stdout = createByteOutput(writeStdout);
  const stderr = createByteOutput((bytes) => Deno.stderr.write(bytes));
  return {
    stdout: (text) => stdout.push(encoder.encode(text)),
    stderr: (text) => stderr.push(encoder.encode(text)),
    readInput,
    writeOutput: (bytes, signal) => stdout.offer(bytes, signal),
    async end(signal) {
      await Promise.all([stdout.end(signal), stderr.end(signal)]);
      return stdout.fault;
    },
    isTerminal: Deno.stdout.isTerminal(),
    environment: Deno.env.toObject(),
    get directory() {
      return workingDirectory();
    },
    signals: Deno,
    guardExit,
  };
}
