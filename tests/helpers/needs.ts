/**
 * Programs that some tests need and a machine may lack.
 *
 * Without one its tests are ignored and their names say why. Under `CI=true` a
 * program that can be installed must be there: then its tests fail instead.
 *
 * @module
 */

import { join } from "node:path";

/** Something outside of this repository that a test needs. */
export interface Need {
  /** As it is called in messages. */
  readonly name: string;
  /** Path of the executable, if there is one. */
  readonly executable: string | undefined;
  /** Whether every CI machine must have it. */
  readonly requiredInCi: boolean;
}

/** What becomes of a test with a need. */
export type Verdict = "run" | "ignore" | "fail";

/** Decides about a test from what it needs and where it runs. */
export function judgeNeed(need: Need, inCi: boolean): Verdict {
  if (need.executable !== undefined) return "run";
  return need.requiredInCi && inCi ? "fail" : "ignore";
}

/** Debian's Chromium, or a browser of the same make. */
export const CHROMIUM: Need = {
  name: "chromium",
  executable: findExecutable(["chromium", "chromium-browser", "google-chrome"]),
  requiredInCi: true,
};

/** A program of a Debian package that `.ci/run` installs. */
export function debianProgram(name: string): Need {
  return { name, executable: findExecutable([name]), requiredInCi: true };
}

/** For what the runtime has no call for, such as a pipe that does not block. */
export const PYTHON: Need = {
  name: "python3",
  executable: findExecutable(["python3"]),
  requiredInCi: false,
};

/** The runtime that `deno compile` puts into executables; found by compiling a trivial program. */
export async function findCompileRuntime(): Promise<Need> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "main.ts"), "");
    const args = ["compile", "--no-config", "--output", join(folder, "out"), "main.ts"];
    const command = new Deno.Command(Deno.execPath(), { args, cwd: folder, stdin: "null" });
    const { success } = await command.output();
    const executable = success ? Deno.execPath() : undefined;
    return { name: "the runtime for deno compile", executable, requiredInCi: false };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Registers a test that runs, is ignored, or fails, as {@linkcode judgeNeed} says. */
export function testWith(
  need: Need,
  name: string,
  run: (executable: string, context: Deno.TestContext) => Promise<void>,
): void {
  const verdict = judgeNeed(need, Deno.env.get("CI") === "true");
  Deno.test({
    name: verdict === "ignore" ? `${name} (ignored: ${need.name} cannot be had here)` : name,
    ignore: verdict === "ignore",
    fn(context) {
      if (need.executable !== undefined) return run(need.executable, context);
      throw new Error(`Cannot run this test: ${need.name} is missing, and CI must have it`);
    },
  });
}

/** First of the names that is an executable file in `PATH` or where Debian keeps daemons. */
export function findExecutable(names: readonly string[]): string | undefined {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/local/sbin", "/usr/sbin"];
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
