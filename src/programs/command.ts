/**
 * Finds the executable of a program before anything is started.
 *
 * @module
 */

import { delimiter, isAbsolute, join, resolve } from "node:path";
import { escapeControls } from "../text/mod.ts";
import { ProgramStartError } from "./errors.ts";

/** Where a program is looked for. */
export interface Whereabouts {
  /** Absolute directory that relative paths start from. */
  readonly baseDirectory: string;
  /** Directories for names without a slash, as `PATH` has them. */
  readonly path: string;
}

/** Whether a command names a path; else a name that `PATH` knows. */
function isPath(program: string): boolean {
  return program.includes("/") || (Deno.build.os === "windows" && program.includes("\\"));
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    // Not there, or not for us: the next directory may have it.
    return false;
  }
}

/**
 * The command with an absolute path in front.
 *
 * @throws {ProgramStartError} If there is no such executable.
 */
export async function findCommand(
  [program = "", ...args]: readonly string[],
  { baseDirectory, path }: Whereabouts,
): Promise<string[]> {
  const suffixes = Deno.build.os === "windows" ? ["", ".exe", ".cmd", ".bat"] : [""];
  const folders = isPath(program)
    ? [""]
    : path.split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    for (const suffix of suffixes) {
      const candidate = isPath(program)
        ? resolve(baseDirectory, program + suffix)
        : join(folder, program + suffix);
      if (await isExecutable(candidate)) return [candidate, ...args];
    }
  }
  throw new ProgramStartError(
    program,
    isPath(program)
      ? `there is no executable file ${escapeControls(resolve(baseDirectory, program))}`
      : "no directory of PATH has an executable of this name",
  );
}

/**
 * Checks the directory that a program is to be started in.
 *
 * @throws {ProgramStartError} If there is none.
 */
export async function assertDirectory(program: string, directory: string): Promise<void> {
  const isDirectory = await Deno.stat(directory).then((info) => info.isDirectory, () => false);
  if (isDirectory) return;
  throw new ProgramStartError(program, `there is no directory ${escapeControls(directory)}`);
}
