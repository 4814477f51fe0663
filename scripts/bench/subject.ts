/**
 * The programs that are measured, each in a process of its own.
 *
 * @module
 */

import { V8_FLAGS } from "../v8_flags.ts";

/** A running subject. */
export interface Subject extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Processor time used so far, in seconds; `undefined` where the system does not tell. */
  cpuSeconds(): number | undefined;
  /** Resident memory, in bytes; `undefined` where the system does not tell. */
  residentBytes(): number | undefined;
}

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** Starts `subjects/NAME.ts` and waits until it prints its port. */
export async function startSubject(
  name: string,
  args: readonly string[] = [],
): Promise<Subject> {
  const script = new URL(`./subjects/${name}.ts`, import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--v8-flags=${V8_FLAGS}`, script, ...args],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const port = Number(new TextDecoder().decode(value));
  if (!(port > 0)) throw new Error(`Cannot start ${name}: it printed no port`);
  return {
    name: [name, ...args].join(" "),
    port,
    cpuSeconds: () => readCpuSeconds(child.pid),
    residentBytes: () => readResidentBytes(child.pid),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${file}`);
  } catch {
    return undefined;
  }
}

function readCpuSeconds(pid: number): number | undefined {
  // proc(5): user and system time are fields 14 and 15; the name before may hold spaces.
  const fields = readProc(pid, "stat")?.split(") ").at(-1)?.split(" ");
  return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function readResidentBytes(pid: number): number | undefined {
  const pages = readProc(pid, "statm")?.split(" ")[1];
  return pages === undefined ? undefined : Number(pages) * PAGE_BYTES;
}
