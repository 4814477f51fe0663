/**
 * From data of unknown shape to a complete configuration.
 *
 * @module
 */

import * as z from "zod";
import { crossProblems, dataProblems } from "./check.ts";
import { EMBEDDED } from "./defaults.ts";
import {
  ConfigError,
  type KeyPath,
  type Problem,
  problemsOfIssue,
  showPath,
  valueAt,
} from "./problems.ts";
import { conflictProblems } from "./engine_check.ts";
import { configSchema } from "./schema.ts";
import type { Config } from "./types.ts";

/** Names the source of the value at a path, for example `troupe.json` or `--port`. */
export type SourceOf = (path: KeyPath) => string;

/**
 * Fills in the embedded processes and endpoints where the configuration has
 * neither; with one of them, the other is empty.
 */
export function withEmbedded(root: unknown): unknown {
  if (typeof root !== "object" || root === null || Array.isArray(root)) return root;
  const bare = valueAt(root, ["processes"]) === undefined &&
    valueAt(root, ["endpoints"]) === undefined;
  const { processes, endpoints } = bare ? structuredClone(EMBEDDED) : EMPTY;
  return { processes, endpoints, ...root };
}

const EMPTY = Object.freeze({ processes: {}, endpoints: {} });

function findProblems(root: unknown): Config | Problem[] {
  const refused = dataProblems(root);
  // Data that refers to itself or hides prototypes goes no further.
  if (refused.length > 0) return refused;
  const complete = withEmbedded(root);
  const parsed = configSchema.safeParse(complete);
  const issues = parsed.error?.issues ?? [];
  const problems = [
    ...issues.flatMap((issue) => problemsOfIssue(issue, complete)),
    ...crossProblems(complete),
  ];
  if (!parsed.success || problems.length > 0) return problems;
  const conflicts = conflictProblems(parsed.data);
  if (conflicts.length > 0) return conflicts;
  WRITTEN.set(parsed.data, complete);
  return parsed.data;
}

/** What configurations were made from. */
const WRITTEN = new WeakMap<Config, unknown>();

/**
 * The data that a configuration was made from, for another thread to make it again.
 *
 * @throws {TypeError} If it is not what `parseConfig` gave.
 */
export function dataOf(config: Config): unknown {
  const data = WRITTEN.get(config);
  if (data !== undefined) return data;
  throw new TypeError(
    "Cannot give a configuration to workers: expected what parseConfig or loadConfig gave, unchanged",
  );
}

/**
 * Checks data against the schema and fills in the defaults.
 *
 * Without `processes` and `endpoints` it is the embedded echo at `/ws`.
 *
 * @throws {ConfigError} With all problems at once, one line each, that name
 * the source, the key, the value given and what was expected.
 *
 * @example
 * ```ts
 * import { parseConfig } from "@troupe/troupe/server";
 *
 * const config = parseConfig({ listen: { port: 0 }, drain: { timeout: "5s" } });
 * console.log(config.drain.timeoutMs); // 5000
 * ```
 */
export function parseConfig(root: unknown = {}, sourceOf?: SourceOf): Config {
  const result = findProblems(root);
  if (!Array.isArray(result)) return result;
  const lines = result.map(({ path, text }) => {
    const source = sourceOf?.(path) ?? "the configuration";
    const key = path.length === 0 ? "it" : showPath(path);
    return `Cannot use ${source}: ${key} ${text}`;
  });
  throw new ConfigError([...new Set(lines)]);
}

/** JSON Schema (draft 2020-12) of configuration files, made from the zod schema. */
export function configJsonSchema(): Record<string, unknown> {
  return {
    title: "Configuration of Troupe",
    ...z.toJSONSchema(configSchema, { io: "input" }),
  };
}
