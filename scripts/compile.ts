/**
 * Writes the executable: the runtime and the bundle of the program in one file.
 *
 * Usage: `deno task compile [OPTIONS]`; options such as `--target` go to
 * `deno compile` and override those here. Needs the network once, for the
 * runtime that goes into the file.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT, writeBundle } from "./bundle.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/**
 * What the executable may do: listen and connect, read configuration and the
 * user's process modules, read its environment, write what `init` writes, and start
 * the programs that a configuration names as the code of processes. It calls no native
 * code, and asks no questions.
 */
export const PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  // Which programs is not known when it is compiled; it starts none that no process names.
  "--allow-run",
];

/** Flags that the runtime of the executable has, and whoever runs the program as it does. */
export const RUNTIME_FLAGS: readonly string[] = [
  ...PERMISSIONS,
  // Datagrams to a socket of the system are how a service manager is told that it is ready.
  "--unstable-net",
  `--v8-flags=${V8_FLAGS}`,
];

/** Arguments for deno, run in the folder of the bundle, that write the executable. */
export function compileArguments(output: string, extra: readonly string[] = []): string[] {
  return [
    "compile",
    ...RUNTIME_FLAGS,
    // Whoever comes first to a cache in the temporary folder may put code into it.
    "--no-code-cache",
    // All is in the bundle.
    "--no-npm",
    "--no-remote",
    "--no-lock",
    "--no-check",
    // Beside the program: the library for process modules, threads, and what it was built from.
    "--include",
    ".",
    "--output",
    output,
    ...extra,
    "main.js",
  ];
}

/** Writes the executable from a bundle, with more options for `deno compile`. */
export async function compileBundle(
  bundle: string,
  output: string,
  options: Readonly<{ extra?: readonly string[]; env?: Readonly<Record<string, string>> }> = {},
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: compileArguments(output, options.extra),
    cwd: bundle,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`Cannot compile: ${new TextDecoder().decode(stderr).trim()}`);
}

if (import.meta.main) {
  const bundle = join(ROOT, "dist", "bundle");
  await writeBundle(bundle);
  await compileBundle(bundle, join(ROOT, "dist", "troupe"), { extra: Deno.args });
}
