/**
 * Runs the command line inside of the test.
 *
 * @module
 */

import { type CliIo, runCli } from "../../src/cli/mod.ts";
import { LogCapture } from "../helpers/log_capture.ts";

/** Where and with what a command line runs. */
export interface CliStage {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input. Default: empty. */
  readonly input?: ReadableStream<Uint8Array>;
  /** Default false. */
  readonly isTerminal?: boolean;
}

/** What a command left behind. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Input and output that the test reads; signals are given with `signal`. */
export function createIo(stage: CliStage = {}) {
  let stdout = "";
  let stderr = "";
  const capture = new LogCapture();
  const listeners = new Map<string, () => void>();
  const io: CliIo = {
    stdout: (text) => stdout += text,
    stderr: (text) => stderr += text,
    readInput: () => stage.input ?? new Blob([]).stream(),
    writeOutput: (bytes) => {
      stdout += new TextDecoder().decode(bytes);
      return true;
    },
    isTerminal: stage.isTerminal ?? false,
    writeLog: capture.write,
    environment: stage.environment ?? {},
    directory: stage.directory ?? "/",
    signals: {
      addSignalListener: (signal, listener) => listeners.set(signal, listener),
      removeSignalListener: (signal) => listeners.delete(signal),
    },
  };
  return {
    io,
    result: () => ({ stdout, stderr }),
    signal: (name: Deno.Signal) => listeners.get(name)?.(),
    logs: capture.lines,
    findLog: (text: string) => capture.find(text),
  };
}

/** Runs a command that ends by itself. */
export async function runTroupe(
  args: readonly string[],
  stage: CliStage = {},
): Promise<CliResult> {
  const { io, result } = createIo(stage);
  const code = await runCli(args, io);
  return { code, ...result() };
}

/** A new directory that is gone at the end of its scope. */
export async function temporaryDirectory() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
