/**
 * Measures how long the server takes from its start to its first log of listening, and its memory.
 *
 * Usage: `deno run -A scripts/start_time.ts [EXECUTABLE]`. Without an executable the bundle is
 * run with its flags, as it is without and with a cache of compiled code: the executable has
 * none, `npx troupe` has one. The bare runtime stands beside them. Linux only: memory is read
 * from /proc.
 *
 * @module
 */

import { join } from "node:path";
import { RUNTIME_FLAGS } from "./compile.ts";
import { writeBundle } from "./bundle.ts";

const ROUNDS = 15;
/** After it memory is looked at, in milliseconds. */
const SETTLED_MS = 500;

/** One way to start. */
interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  /** What it prints when it is ready. */
  readonly ready: string;
  readonly readyMs: number[];
  readonly memoryMb: number[];
}

function contestant(name: string, command: readonly string[], ready = "Listening"): Contestant {
  return { name, command, ready, readyMs: [], memoryMb: [] };
}

function memoryOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function untilPrinted(stdout: ReadableStream<Uint8Array>, text: string): Promise<void> {
  let printed = "";
  const decoder = new TextDecoder();
  for await (const chunk of stdout.values({ preventCancel: true })) {
    printed += decoder.decode(chunk, { stream: true });
    if (printed.includes(text)) return;
  }
  throw new Error(`Cannot measure: it ended before it printed ${text}: ${printed}`);
}

async function measure({ command, ready, readyMs, memoryMb }: Contestant, cwd: string) {
  const [executable = "", ...args] = command;
  const startedMs = performance.now();
  const options = { args, cwd, stdout: "piped", stderr: "null", stdin: "null" } as const;
  const child = new Deno.Command(executable, options).spawn();
  await untilPrinted(child.stdout, ready);
  readyMs.push(performance.now() - startedMs);
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  memoryMb.push(memoryOf(child.pid));
  child.kill("SIGTERM");
  await child.stdout.cancel();
  await child.status;
}

async function contestants(executable: string | undefined, folder: string): Promise<Contestant[]> {
  const bare = join(folder, "bare.js");
  await Deno.writeTextFile(bare, 'console.log("Listening"); setInterval(() => {}, 1000);');
  const serve = ["serve", "--port", "0"];
  const floor = contestant("bare runtime", [Deno.execPath(), "run", bare]);
  if (executable !== undefined) return [floor, contestant("executable", [executable, ...serve])];
  const bundle = join(folder, "bundle");
  await writeBundle(bundle);
  const run = [Deno.execPath(), "run", ...RUNTIME_FLAGS, "--no-lock", "--no-remote"];
  const main = ["--config", join(bundle, "deno.json"), join(bundle, "main.js"), ...serve];
  return [
    floor,
    contestant("bundle, no code cache", [...run, "--no-code-cache", ...main]),
    contestant("bundle, code cache", [...run, ...main]),
  ];
}

function show(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const [least, median] = [sorted[0]!, sorted[sorted.length >> 1]!];
  return `${median.toFixed(0)} (least ${least.toFixed(0)})`;
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir();
  try {
    const all = await contestants(Deno.args[0], folder);
    // The first round fills caches and does not count.
    for (const each of all) await measure({ ...each, readyMs: [], memoryMb: [] }, folder);
    for (let round = 0; round < ROUNDS; round++) {
      for (const each of all) await measure(each, folder);
    }
    for (const { name, readyMs, memoryMb } of all) {
      console.log(`${name}: ready after ${show(readyMs)} ms, ${show(memoryMb)} MB`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
