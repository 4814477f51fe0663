/**
 * The programs that are measured, each in a process of its own.
 *
 * @module
 */

import { V8_FLAGS } from "../v8_flags.ts";
import { treeCpuSeconds, treeResidentBytes } from "./process_tree.ts";

/** A running subject. */
export interface Subject extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Processor time of its process tree so far, in seconds; `undefined` if unknown. */
  cpuSeconds(): number | undefined;
  /** Resident memory of its process tree, in bytes; `undefined` if unknown. */
  residentBytes(): number | undefined;
}

/** How to start a program. */
export interface Command {
  readonly file: string | URL;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Where it listens, if it does not print that as its first line. */
  readonly port?: number;
}

/** Time in which a program must listen, in milliseconds, and between two looks. */
const START = { timeoutMs: 20_000, lookMs: 20 } as const;

/** Starts `subjects/NAME.ts` and waits until it prints its port. */
export function startSubject(name: string, args: readonly string[] = []): Promise<Subject> {
  const script = new URL(`./subjects/${name}.ts`, import.meta.url).href;
  return startProgram([name, ...args].join(" "), denoCommand(script, args));
}

/** A script under Deno, as Troupe's executable runs. */
export function denoCommand(script: string, args: readonly string[]): Command {
  return {
    file: Deno.execPath(),
    args: ["run", "-A", "--no-check", `--v8-flags=${V8_FLAGS}`, script, ...args],
  };
}

/** Starts a program and waits until it listens. */
export async function startProgram(name: string, command: Command): Promise<Subject> {
  const child = new Deno.Command(command.file, {
    args: [...command.args],
    cwd: command.cwd,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const stop = async () => {
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
  };
  try {
    const port = command.port === undefined
      ? await readPort(name, reader)
      : await untilListening(name, command.port);
    return {
      name,
      port,
      cpuSeconds: () => treeCpuSeconds(child.pid),
      residentBytes: () => treeResidentBytes(child.pid),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readPort(
  name: string,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<number> {
  const { value } = await reader.read();
  const port = Number(new TextDecoder().decode(value));
  if (!(port > 0)) throw new Error(`Cannot start ${name}: it printed no port`);
  return port;
}

async function untilListening(name: string, port: number): Promise<number> {
  const untilMs = performance.now() + START.timeoutMs;
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return port;
    } catch (cause) {
      if (performance.now() > untilMs) {
        throw new Error(`Cannot start ${name}: nothing listens on port ${port}`, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, START.lookMs));
    }
  }
}
