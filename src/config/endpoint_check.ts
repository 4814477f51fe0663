/**
 * Checks of endpoints: their paths among each other, and the processes that they name.
 *
 * @module
 */

import {
  isLiteral,
  OWN_PATHS,
  paramNames,
  parsePathPattern,
  REST_PARAM,
  shapeOf,
} from "../http/mod.ts";
import { formatDuration, nearestName, parseDuration } from "../text/mod.ts";
import { HANDLER_DEFAULTS, isTargetPattern, paramsOfTarget } from "../websocket/mod.ts";
import { matchPath } from "./availability.ts";
import { CONFIG_DEFAULTS } from "./defaults.ts";
import { listed } from "./leaves.ts";
import { type KeyPath, type Problem, showValue, unexpected, valueAt } from "./problems.ts";
import { instanceNames } from "./types.ts";

const MAX_LISTED = 10;

/** Names of the processes of a group. */
export function namesOf(group: string, value: unknown): string[] {
  const instances = valueAt(value, ["instances"]) ?? CONFIG_DEFAULTS.instances;
  return instanceNames(group, Number.isInteger(instances) ? Math.min(Number(instances), 1000) : 1);
}

/** Whether a group has a process for each key. */
export function isKeyed(value: unknown): boolean {
  return valueAt(value, ["keyed"]) === true;
}

/** What a configuration declares under `processes`. */
interface Declared {
  /** Names of single processes. */
  readonly single: readonly string[];
  /** Names of groups with a process for each key. */
  readonly keyed: ReadonlySet<string>;
}

function declaredIn(root: unknown): Declared {
  const groups = matchPath(root, ["processes", "*"])
    .map(([path, value]) => [String(path[1]), value] as const);
  return {
    single: groups.filter(([, value]) => !isKeyed(value))
      .flatMap(([name, value]) => namesOf(name, value)),
    keyed: new Set(groups.filter(([, value]) => isKeyed(value)).map(([name]) => name)),
  };
}

/** What is wrong with a name that should be that of a declared process. */
function undeclared(name: string, names: readonly string[]): string {
  if (names.length === 0) return `is ${showValue(name)}, but no process is declared`;
  const shown = listed(names.slice(0, MAX_LISTED)) + (names.length > MAX_LISTED ? ", …" : "");
  return `is ${showValue(name)}, which is not declared in processes, expected one of ${shown}` +
    `; did you mean ${showValue(nearestName(name, names))}`;
}

function poolProblems(path: KeyPath, pool: unknown, { single, keyed }: Declared): Problem[] {
  if (!Array.isArray(pool)) return [];
  return pool.flatMap((name, index): Problem[] => {
    if (typeof name !== "string" || single.includes(name)) return [];
    const text = keyed.has(name)
      ? `is ${showValue(name)}, which is keyed, expected "target": "${name}/KEY"`
      : undeclared(name, single);
    return [{ path: [...path, "pool", index], text }];
  });
}

function targetProblem(target: string, path: string, { single, keyed }: Declared) {
  const [name = "", ...parts] = target.split("/");
  if (parts.length === 0 && keyed.has(name)) {
    return `is ${showValue(target)}, which is keyed, expected "${name}/KEY"`;
  }
  if (parts.length > 0 && single.includes(name)) {
    return `is ${showValue(target)}, but ${showValue(name)} is not keyed, expected "keyed": true ` +
      "there, or its name alone";
  }
  if (parts.length > 0 ? !keyed.has(name) : !single.includes(name)) {
    return undeclared(name, [...single, ...keyed]);
  }
  const given = paramNames(parsePathPattern(path) ?? []);
  const missing = paramsOfTarget(target).find((param) => !given.includes(param));
  if (missing === undefined) return undefined;
  const sign = missing === REST_PARAM ? "*" : `:${missing}`;
  return `is ${showValue(target)}, but the path of the endpoint has no ${showValue(sign)}`;
}

/** Each endpoint has either a pool or a target. */
function receiverProblems(path: KeyPath, endpoint: unknown, declared: Declared): Problem[] {
  if (typeof endpoint !== "object" || endpoint === null || Array.isArray(endpoint)) return [];
  const pool = valueAt(endpoint, ["pool"]);
  const target = valueAt(endpoint, ["target"]);
  if (pool === undefined && target === undefined) {
    return [{ path, text: "has neither pool nor target, expected one of them" }];
  }
  if (pool !== undefined && target !== undefined) {
    return [{ path, text: "has both pool and target, expected one of them" }];
  }
  if (typeof target !== "string" || !isTargetPattern(target)) {
    return poolProblems(path, pool, declared);
  }
  const text = targetProblem(target, String(path[1]), declared);
  return text === undefined ? [] : [{ path: [...path, "target"], text }];
}

function pathProblems(paths: readonly KeyPath[]): Problem[] {
  const first = new Map<string, string>();
  return paths.flatMap((path): Problem[] => {
    const own = String(path[1]);
    if ((OWN_PATHS as readonly string[]).includes(own)) {
      const text = "is a path that the server answers itself, expected one other than " +
        listed(OWN_PATHS);
      return [{ path, text }];
    }
    const segments = parsePathPattern(own);
    if (segments === undefined || isLiteral(segments)) return [];
    const other = first.get(shapeOf(segments));
    if (other === undefined) {
      first.set(shapeOf(segments), own);
      return [];
    }
    const text = `matches the same paths as ${showValue(other)}, expected one of them`;
    return [{ path, text }];
  });
}

function pingProblems(path: KeyPath, endpoint: unknown): Problem[] {
  const { pingPeriodMs, pongTimeoutMs } = HANDLER_DEFAULTS;
  const given = valueAt(endpoint, ["pingPeriod"]);
  const period = parseDuration(given ?? pingPeriodMs);
  const timeout = parseDuration(valueAt(endpoint, ["pongTimeout"]) ?? pongTimeoutMs);
  if (period === undefined || timeout === undefined || period < timeout) return [];
  const expected = `less than pongTimeout, which is ${formatDuration(timeout)}`;
  return [{
    path: [...path, "pingPeriod"],
    text: unexpected(given ?? formatDuration(pingPeriodMs), expected),
  }];
}

/** All problems of endpoints that the schema cannot see. */
export function endpointProblems(root: unknown): Problem[] {
  const endpoints = matchPath(root, ["endpoints", "*"]);
  const declared = declaredIn(root);
  return [
    ...pathProblems(endpoints.map(([path]) => path)),
    ...endpoints.flatMap(([path, endpoint]) => [
      ...receiverProblems(path, endpoint, declared),
      ...pingProblems(path, endpoint),
    ]),
  ];
}
