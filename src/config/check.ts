/**
 * Checks of a configuration that concern more than one key.
 *
 * They read the configuration as it was written, so that all problems are
 * found at once, also where another part does not fit the schema.
 *
 * @module
 */

import { resolveTopicsOptions } from "../topics/mod.ts";
import { availabilityProblems, matchPath } from "./availability.ts";
import { clusterProblems } from "./cluster.ts";
import { CONFIG_DEFAULTS } from "./defaults.ts";
import { endpointProblems } from "./endpoint_check.ts";
import { engineProblems } from "./engine_check.ts";
import { type KeyPath, type Problem, valueAt } from "./problems.ts";
import { processProblems } from "./process_check.ts";

const MAX_DEPTH = 64;

/**
 * Problems of the data as such: `__proto__` as a key, cycles, and nesting
 * beyond any use.
 */
export function dataProblems(root: unknown): Problem[] {
  const problems: Problem[] = [];
  const above = new Set<object>();
  const seen = new Set<object>();
  function walk(value: unknown, path: KeyPath): void {
    if (typeof value !== "object" || value === null) return;
    if (above.has(value)) {
      problems.push({ path, text: "contains itself, expected plain data" });
      return;
    }
    if (seen.has(value)) return;
    if (path.length > MAX_DEPTH) {
      problems.push({ path: path.slice(0, 2), text: `is nested deeper than ${MAX_DEPTH} levels` });
      return;
    }
    seen.add(value);
    above.add(value);
    const isArray = Array.isArray(value);
    for (const key of Object.keys(value)) {
      const below = [...path, isArray ? Number(key) : key];
      if (key === "__proto__") problems.push({ path: below, text: "is refused as a key" });
      else walk((value as Record<string, unknown>)[key], below);
    }
    above.delete(value);
  }
  walk(root, []);
  return problems;
}

/** The behavior `topics` has options of its own in `env`. */
function topicsProblems(root: unknown): Problem[] {
  return matchPath(root, ["processes", "*", "env"]).flatMap(([path, env]) => {
    const group = valueAt(root, path.slice(0, -1));
    if (valueAt(group, ["behavior"]) !== "topics" || typeof env !== "object" || env === null) {
      return [];
    }
    try {
      resolveTopicsOptions(env as Record<string, unknown>);
      return [];
    } catch (error) {
      const [, why] = (error as Error).message.split(/: (.*)/s);
      return [{ path, text: `has options of topics that it cannot use: ${why}` }];
    }
  });
}

/** Of the engines, only `ws` listens on a port that others listen on. */
function workerProblems(root: unknown): Problem[] {
  const workers = valueAt(root, ["node", "workers"]) ?? CONFIG_DEFAULTS.workers;
  if (workers === 1) return [];
  return matchPath(root, ["endpoints", "*", "engine"]).filter(([, engine]) => engine === "native")
    .map(([path]) => ({
      path,
      text: `is "native", which does not share its port with workers, expected "auto" or "ws"`,
    }));
}

/** All problems that the schema cannot see. */
export function crossProblems(root: unknown): Problem[] {
  return [
    ...processProblems(root),
    ...topicsProblems(root),
    ...endpointProblems(root),
    ...engineProblems(root),
    ...clusterProblems(root),
    ...workerProblems(root),
    ...availabilityProblems(root),
  ];
}
