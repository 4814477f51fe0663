/**
 * Writes the executable: the program, its packages and the page in one file.
 *
 * Usage: `deno task compile [OPTIONS]`; options such as `--target` go to
 * `deno compile` and override those here. Needs the network once, for the
 * runtime that goes into the file.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { V8_FLAGS } from "./v8_flags.ts";

/**
 * What the executable may do: listen and connect, read configuration and the
 * user's process modules, read its environment, and write what `init` writes.
 * It starts no programs, calls no native code, and asks no questions.
 */
export const PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
];

/** Arguments for deno that write the executable. */
export function compileArguments(output: string, extra: readonly string[] = []): string[] {
  // Of the packages in the lock file, those of the tests stay outside.
  return [
    "compile",
    ...PERMISSIONS,
    `--v8-flags=${V8_FLAGS}`,
    "--exclude-unused-npm",
    "--output",
    output,
    ...extra,
    "main.ts",
  ];
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const args = compileArguments(join("dist", "troupe"), Deno.args);
  const command = new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null" });
  const { code } = await command.spawn().status;
  Deno.exit(code);
}
