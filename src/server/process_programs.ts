/**
 * The programs of the configured processes: found and described before they are started.
 *
 * @module
 */

import { resolve } from "node:path";
import { type ProcessConfig, Secret } from "../config/mod.ts";
import { ServerStartError } from "../http/mod.ts";
import {
  assertDirectory,
  findCommand,
  type ProgramOptions,
  ProgramStartError,
} from "../programs/mod.ts";

/** A process whose code is a program. */
export type ProgramConfig = ProcessConfig & { readonly program: readonly string[] };

/** Texts as they are, but for `env:NAME` and `file:PATH`. */
async function revealEnvironment(
  name: string,
  env: ProcessConfig["env"],
  baseDirectory: string,
): Promise<Record<string, string>> {
  const revealed: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) {
    const text = String(value);
    const key = ["processes", name, "env", variable];
    revealed[variable] = await Secret.parse(text)?.reveal(key, { baseDirectory }) ?? text;
  }
  return revealed;
}

/**
 * What the process of a group has as its `env`. Paths start from `baseDirectory`.
 *
 * @throws {ServerStartError} If there is no such executable or directory.
 * @throws {ConfigError} If a variable or file that the environment refers to is not there.
 */
export async function describeProgram(
  name: string,
  { program, cwd, env, format, maxMessageBytes, per }: ProgramConfig,
  baseDirectory: string,
): Promise<ProgramOptions> {
  const environment = await revealEnvironment(name, env, baseDirectory);
  const directory = cwd === undefined ? baseDirectory : resolve(baseDirectory, cwd);
  const path = environment["PATH"] ?? Deno.env.get("PATH") ?? "";
  try {
    await assertDirectory(program[0]!, directory);
    const command = await findCommand(program, { baseDirectory, path });
    const perConnection = per === "connection";
    return { command, cwd: directory, env: environment, format, maxMessageBytes, perConnection };
  } catch (cause) {
    if (!(cause instanceof ProgramStartError)) throw cause;
    const text = `${cause.message} (processes.${name})`;
    throw new ServerStartError("program_failed", text, { cause });
  }
}
