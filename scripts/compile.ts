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

/** Says in the executable what it was compiled from; `troupe version` reads it. */
export const BUILD_FILE = "dist/build.json";

/** Arguments for deno that write the executable. */
export function compileArguments(output: string, extra: readonly string[] = []): string[] {
  return [
    "compile",
    ...RUNTIME_FLAGS,
    // It would lie in the temporary folder, where whoever comes first may put code into it.
    "--no-code-cache",
    // What a user's process module imports as "@troupe/troupe", and below it; nothing else
    // reaches them.
    "--include",
    "src/mod.ts",
    "--include",
    "src/doors",
    // The module of a thread.
    "--include",
    "src/cli/exit_watchdog.ts",
    // That of a worker.
    "--include",
    "src/server/worker.ts",
    // Of the packages in the lock file, those of the tests stay outside.
    "--exclude-unused-npm",
    "--output",
    output,
    ...extra,
    "main.ts",
  ];
}

/** What git says of the checkout; `undefined` without git or a repository. */
async function ask(root: string, ...args: string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command("git", { args, cwd: root, stdin: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

/** The commit of the checkout, with `-dirty` if files were changed; `unknown` where nobody knows. */
export async function commitOf(root: string): Promise<string> {
  // A copy of the sources within somebody else's repository has no commit of its own.
  if (await ask(root, "rev-parse", "--show-prefix") !== "") return "unknown";
  const commit = await ask(root, "rev-parse", "HEAD");
  if (commit === undefined) return "unknown";
  return await ask(root, "status", "--porcelain") === "" ? commit : `${commit}-dirty`;
}

/** Writes down what is compiled; returns the arguments that put that into the executable. */
export async function describeBuild(root: string): Promise<string[]> {
  await Deno.mkdir(join(root, dirname(BUILD_FILE)), { recursive: true });
  const text = JSON.stringify({ commit: await commitOf(root) });
  await Deno.writeTextFile(join(root, BUILD_FILE), `${text}\n`);
  return ["--include", BUILD_FILE];
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const args = compileArguments(join("dist", "troupe"), [
    ...await describeBuild(root),
    ...Deno.args,
  ]);
  const command = new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null" });
  const { code } = await command.spawn().status;
  Deno.exit(code);
}
