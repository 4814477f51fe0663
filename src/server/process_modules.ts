/**
 * Loads the functions that a configuration names by their files.
 *
 * @module
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { AnyProcessFunction } from "../actor/mod.ts";
import { BEHAVIORS, program } from "../behaviors/mod.ts";
import type { Config, ProcessConfig } from "../config/mod.ts";
import { ServerStartError } from "../http/mod.ts";
import { escapeControls, quote } from "../text/mod.ts";
import type { Accept } from "../websocket/mod.ts";
import type { ProcessGroup } from "./process_groups.ts";
import { describeProgram } from "./process_programs.ts";

function moduleUrl(module: string, baseDirectory: string): string {
  return module.startsWith("file:") ? module : pathToFileURL(resolve(baseDirectory, module)).href;
}

/** A kind of module, in the texts of errors. */
interface ModuleKind {
  readonly what: string;
  /** What its default export has to be. */
  readonly expected: string;
}

const PROCESS: ModuleKind = {
  what: "process module",
  expected: "an async function that takes a process",
};
const ACCEPT: ModuleKind = {
  what: "accept module",
  expected: "a function that takes a handshake",
};

async function loadModule<T>(
  module: string,
  baseDirectory: string,
  { what, expected }: ModuleKind,
): Promise<T> {
  let loaded: { default?: unknown };
  try {
    loaded = await import(moduleUrl(module, baseDirectory));
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const text = `Cannot load ${what} ${quote(module)}: ${escapeControls(why)}`;
    throw new ServerStartError("module_failed", text, { cause });
  }
  if (typeof loaded.default === "function") return loaded.default as T;
  throw new ServerStartError(
    "module_failed",
    `Cannot load ${what} ${quote(module)}: its default export is ${
      loaded.default === undefined ? "missing" : `of type ${typeof loaded.default}`
    }, expected ${expected}`,
  );
}

/**
 * A configured group of processes, ready to be started. Paths start from `baseDirectory`.
 *
 * @throws {ServerStartError} If the module does not load, its default export is no function,
 * or there is no such program.
 */
export async function loadGroup(
  name: string,
  config: ProcessConfig,
  baseDirectory: string,
): Promise<ProcessGroup> {
  const command = config.program;
  if (command === undefined) {
    return { name, config, run: await loadFunction(config, baseDirectory), env: config.env };
  }
  const env = await describeProgram(name, { ...config, program: command }, baseDirectory);
  return { name, config, run: program, env: { ...env } };
}

async function loadFunction(
  group: ProcessConfig,
  baseDirectory: string,
): Promise<AnyProcessFunction> {
  if (group.module !== undefined) return await loadModule(group.module, baseDirectory, PROCESS);
  const run = group.behavior === undefined ? undefined : BEHAVIORS[group.behavior];
  if (run !== undefined) return run;
  const text = `Cannot start behavior ${quote(group.behavior ?? "")}: expected one of ${
    Object.keys(BEHAVIORS).join(", ")
  }`;
  throw new ServerStartError("behavior_missing", text);
}

/**
 * The `accept` of each endpoint that names one, by path. Module paths start from
 * `baseDirectory`.
 *
 * @throws {ServerStartError} As {@linkcode loadProcess}.
 */
export async function loadAccepts(
  endpoints: Config["endpoints"],
  baseDirectory: string,
): Promise<ReadonlyMap<string, Accept>> {
  const accepts = new Map<string, Accept>();
  for (const [path, { accept }] of Object.entries(endpoints)) {
    if (accept === undefined) continue;
    accepts.set(path, await loadModule<Accept>(accept, baseDirectory, ACCEPT));
  }
  return accepts;
}
