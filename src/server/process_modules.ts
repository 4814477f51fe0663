/**
 * Loads the functions of the configured processes.
 *
 * @module
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ProcessFunction } from "../actor/mod.ts";
import { BEHAVIORS } from "../behaviors/mod.ts";
import type { ProcessConfig } from "../config/mod.ts";
import { ServerStartError } from "../http/mod.ts";
import { escapeControls, quote } from "../text/mod.ts";

function moduleUrl(module: string, baseDirectory: string): string {
  return module.startsWith("file:") ? module : pathToFileURL(resolve(baseDirectory, module)).href;
}

async function loadModule(module: string, baseDirectory: string): Promise<ProcessFunction> {
  let loaded: { default?: unknown };
  try {
    loaded = await import(moduleUrl(module, baseDirectory));
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const text = `Cannot load process module ${quote(module)}: ${escapeControls(why)}`;
    throw new ServerStartError("module_failed", text, { cause });
  }
  if (typeof loaded.default === "function") return loaded.default as ProcessFunction;
  throw new ServerStartError(
    "module_failed",
    `Cannot load process module ${quote(module)}: its default export is ${
      loaded.default === undefined ? "missing" : `of type ${typeof loaded.default}`
    }, expected an async function that takes a process`,
  );
}

/**
 * The function of a configured group of processes. Module paths start from
 * `baseDirectory`.
 *
 * @throws {ServerStartError} If the module does not load or its default export
 * is no function.
 */
export async function loadProcess(
  group: ProcessConfig,
  baseDirectory: string,
): Promise<ProcessFunction> {
  if (group.module !== undefined) return await loadModule(group.module, baseDirectory);
  const run = group.behavior === undefined ? undefined : BEHAVIORS[group.behavior];
  if (run !== undefined) return run;
  const text = `Cannot start behavior ${quote(group.behavior ?? "")}: expected one of ${
    Object.keys(BEHAVIORS).join(", ")
  }`;
  throw new ServerStartError("behavior_missing", text);
}
