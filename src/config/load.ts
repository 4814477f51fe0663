/**
 * Finds, reads and layers a configuration: flags, environment, file, defaults.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { assertOptions, escapeControls, optionNames } from "../text/mod.ts";
import { dataProblems } from "./check.ts";
import { parseConfig, withEmbedded } from "./config.ts";
import { CONFIG_FILE_NAMES, parseConfigText } from "./file.ts";
import { ConfigError, showPath } from "./problems.ts";
import { applyAssignments, type Assignment, environmentLayer } from "./sources.ts";
import type { Config } from "./types.ts";
import { workingDirectory } from "./working_directory.ts";

/** Options of {@linkcode loadConfig}. */
export interface LoadOptions {
  /** The file to read. Default: the one found in `directory`, if any. */
  readonly file?: string | undefined;
  /** Working directory. Default `Deno.cwd()`. */
  readonly directory?: string;
  /** Environment variables. Default `{}`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Values of flags; a later one wins. Default `[]`. */
  readonly assignments?: readonly Assignment[];
}

const OPTIONS = optionNames<LoadOptions>({
  file: true,
  directory: true,
  environment: true,
  assignments: true,
});

/** A configuration and where it came from. */
export interface LoadedConfig {
  /** Complete and checked. */
  readonly config: Config;
  /** The file, as it was named; `undefined` if there was none. */
  readonly file: string | undefined;
  /** Absolute directory that relative paths of the configuration start from. */
  readonly baseDirectory: string;
  /** What is off but does no harm. */
  readonly warnings: readonly string[];
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function findConfigFile(directory: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of CONFIG_FILE_NAMES) {
    if (await exists(join(directory, name))) found.push(name);
  }
  if (found.length <= 1) return found[0];
  throw new ConfigError([
    `Cannot choose a configuration: ${found.join(" and ")} are both here, ` +
    "expected one of them, or --config with a name",
  ]);
}

async function readConfigFile(directory: string, file: string): Promise<unknown> {
  const shown = escapeControls(file);
  let text: string;
  try {
    text = await Deno.readTextFile(resolve(directory, file));
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    const why = missing ? "there is no such file" : escapeControls((error as Error).message);
    throw new ConfigError([`Cannot read ${shown}: ${why}`], { cause: error });
  }
  const root = parseConfigText(file, text);
  const refused = dataProblems(root);
  if (refused.length === 0) return root;
  throw new ConfigError(
    refused.map(({ path, text }) => `Cannot use ${shown}: ${showPath(path)} ${text}`),
  );
}

/**
 * Loads the configuration. Flags win over the environment, that over the file,
 * and that over the defaults.
 *
 * @throws {ConfigError} If a file cannot be read or something does not fit,
 * with all problems at once.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  assertOptions("load a configuration", options, OPTIONS);
  const directory = options.directory ?? workingDirectory();
  const file = options.file ?? await findConfigFile(directory);
  const base = file === undefined ? {} : await readConfigFile(directory, file);
  const { assignments, warnings } = environmentLayer(options.environment ?? {});
  const layered = applyAssignments(
    withEmbedded(base),
    [...assignments, ...options.assignments ?? []],
    file === undefined ? "the built-in configuration" : escapeControls(file),
  );
  return {
    config: parseConfig(layered.root, layered.sourceOf),
    file,
    baseDirectory: file === undefined ? directory : dirname(resolve(directory, file)),
    warnings,
  };
}
