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

/** So much of a file is looked at to find out what the system will make of it, in bytes. */
const HEAD_BYTES = 256;

async function isExecutable(path: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    // Not there, or not for us: the next directory may have it.
    return false;
  }
}

/** The first bytes of a file; none if it may be run but not read. */
async function readHead(path: string): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const head = new Uint8Array(HEAD_BYTES);
    return head.subarray(0, await file.read(head) ?? 0);
  } catch {
    return new Uint8Array();
  }
}

/** Why the system would refuse to run an executable file; `undefined` if it may run. */
async function refusalOf(path: string): Promise<string | undefined> {
  const head = await readHead(path);
  // Machine code of every kind has zeros; what is read by others begins with their name.
  if (Deno.build.os === "windows" || head.length === 0 || head.includes(0)) return undefined;
  const [first = ""] = new TextDecoder().decode(head).split("\n", 1);
  const interpreter = /^#!\s*(\S+)/.exec(first)?.[1];
  if (interpreter === undefined) {
    return `${escapeControls(path)} is a text without a first line such as #!/bin/sh`;
  }
  if (await isExecutable(interpreter)) return undefined;
  return `there is no executable file ${escapeControls(interpreter)}, which the first line of ` +
    `${escapeControls(path)} names`;
}

/**
 * The command with an absolute path in front.
 *
 * @throws {ProgramStartError} If there is no such executable, or the system would not run it.
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
      if (!await isExecutable(candidate)) continue;
      const refusal = await refusalOf(candidate);
      if (refusal !== undefined) throw new ProgramStartError(program, refusal);
      return [candidate, ...args];
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
