/**
 * Checks of a configuration that concern more than one key.
 *
 * They read the configuration as it was written, so that all problems are
 * found at once, also where another part does not fit the schema.
 *
 * @module
 */

import { formatDuration, nearestName, parseDuration } from "../text/mod.ts";
import { resolveTopicsOptions } from "../topics/mod.ts";
import { HANDLER_DEFAULTS } from "../websocket/mod.ts";
import { availabilityProblems, matchPath } from "./availability.ts";
import { clusterProblems } from "./cluster.ts";
import { BUILT_IN_PATHS, CONFIG_DEFAULTS } from "./defaults.ts";
import { engineProblems } from "./engine_check.ts";
import { listed } from "./leaves.ts";
import { type KeyPath, type Problem, showValue, unexpected, valueAt } from "./problems.ts";
import { instanceNames } from "./types.ts";

const MAX_DEPTH = 64;
const MAX_LISTED = 10;

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

function namesOf(group: string, value: unknown): string[] {
  const instances = valueAt(value, ["instances"]) ?? CONFIG_DEFAULTS.instances;
  return instanceNames(group, Number.isInteger(instances) ? Math.min(Number(instances), 1000) : 1);
}

function processProblems(root: unknown): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  for (const [path, value] of matchPath(root, ["processes", "*"])) {
    const kinds = ["behavior", "module"];
    const count = kinds.filter((key) => valueAt(value, [key]) !== undefined).length;
    if (typeof value === "object" && count !== 1) {
      const has = count === 0 ? "neither behavior nor module" : "both behavior and module";
      problems.push({ path, text: `has ${has}, expected one of them` });
    }
    problems.push(...keyedProblems(path, value));
    const group = String(path[1]);
    for (const name of namesOf(group, value)) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        const text = `has an instance ${showValue(name)}, which is also one of ${showValue(owner)}`;
        problems.push({ path, text });
        break;
      }
      owners.set(name, group);
    }
  }
  return problems;
}

function isKeyed(value: unknown): boolean {
  return valueAt(value, ["keyed"]) === true;
}

function keyedProblems(path: KeyPath, value: unknown): Problem[] {
  if (!isKeyed(value)) {
    return ["idleTimeout", "maxKeys"].filter((key) => valueAt(value, [key]) !== undefined)
      .map((key) => ({
        path: [...path, key],
        text: 'is for keyed processes, expected "keyed": true',
      }));
  }
  const instances = valueAt(value, ["instances"]) ?? 1;
  if (instances === 1) return [];
  const text = `is ${
    showValue(instances)
  }, but keyed processes are one for each key, expected none`;
  return [{ path: [...path, "instances"], text }];
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

function poolProblems(root: unknown): Problem[] {
  const groups = matchPath(root, ["processes", "*"]);
  const declared = groups.filter(([, value]) => !isKeyed(value))
    .flatMap(([path, value]) => namesOf(String(path[1]), value));
  const keyed = new Set(groups.filter(([, value]) => isKeyed(value)).map(([path]) => path[1]));
  const known = new Set(declared);
  const shown = listed(declared.slice(0, MAX_LISTED)) + (declared.length > MAX_LISTED ? ", …" : "");
  const problems: Problem[] = [];
  for (const [path, pool] of matchPath(root, ["endpoints", "*", "pool"])) {
    for (const [index, name] of Array.isArray(pool) ? pool.entries() : []) {
      if (typeof name !== "string" || known.has(name)) continue;
      if (keyed.has(name)) {
        const text = `is ${showValue(name)}, which is keyed, expected "target": "${name}/KEY"`;
        problems.push({ path: [...path, index], text });
        continue;
      }
      const text = declared.length === 0
        ? `is ${showValue(name)}, but no process is declared`
        : `is ${showValue(name)}, which is not declared in processes, expected one of ${shown}` +
          `; did you mean ${showValue(nearestName(name, declared))}`;
      problems.push({ path: [...path, index], text });
    }
  }
  return problems;
}

function endpointProblems(root: unknown): Problem[] {
  const problems: Problem[] = [];
  for (const [path, endpoint] of matchPath(root, ["endpoints", "*"])) {
    if ((BUILT_IN_PATHS as readonly unknown[]).includes(path[1])) {
      problems.push({
        path,
        text: `is a path that the server answers itself, expected one other than ${
          listed(BUILT_IN_PATHS)
        }`,
      });
    }
    const { pingPeriodMs, pongTimeoutMs } = HANDLER_DEFAULTS;
    const given = valueAt(endpoint, ["pingPeriod"]);
    const period = parseDuration(given ?? pingPeriodMs);
    const timeout = parseDuration(valueAt(endpoint, ["pongTimeout"]) ?? pongTimeoutMs);
    if (period === undefined || timeout === undefined || period < timeout) continue;
    problems.push({
      path: [...path, "pingPeriod"],
      text: unexpected(
        given ?? formatDuration(pingPeriodMs),
        `less than pongTimeout, which is ${formatDuration(timeout)}`,
      ),
    });
  }
  return problems;
}

/** All problems that the schema cannot see. */
export function crossProblems(root: unknown): Problem[] {
  return [
    ...processProblems(root),
    ...topicsProblems(root),
    ...poolProblems(root),
    ...endpointProblems(root),
    ...engineProblems(root),
    ...clusterProblems(root),
    ...availabilityProblems(root),
  ];
}
