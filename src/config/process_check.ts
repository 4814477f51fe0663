/**
 * Checks of the groups of processes that concern more than one key.
 *
 * @module
 */

import { matchPath } from "./availability.ts";
import { isKeyed, namesOf } from "./endpoint_check.ts";
import { type KeyPath, type Problem, showValue, unexpected, valueAt } from "./problems.ts";

/** What the code of a process can be. */
const KINDS = ["behavior", "module", "program"] as const;

/** Keys that say something of a program alone. */
const PROGRAM_KEYS = ["cwd", "format", "per", "maxMessageSize"] as const;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Problems of groups of processes. */
export function processProblems(root: unknown): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  for (const [path, value] of matchPath(root, ["processes", "*"])) {
    problems.push(...kindProblems(root, path, value));
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

function keyedProblems(path: KeyPath, value: unknown): Problem[] {
  const isPer = valueAt(value, ["per"]) !== undefined;
  if (isPer && isKeyed(value)) {
    return [{ path: [...path, "per"], text: "is there beside keyed, expected one of them" }];
  }
  if (!isKeyed(value)) {
    const foreign = isPer ? ["idleTimeout"] : ["idleTimeout", "maxKeys"];
    const problems: Problem[] = given(value, foreign).map((key) => ({
      path: [...path, key],
      text: 'is for keyed processes, expected "keyed": true',
    }));
    if (!isPer) return problems;
    return [...problems, ...instancesProblems(path, value, "programs are one for each connection")];
  }
  return instancesProblems(path, value, "keyed processes are one for each key");
}

function instancesProblems(path: KeyPath, value: unknown, why: string): Problem[] {
  const instances = valueAt(value, ["instances"]) ?? 1;
  if (instances === 1) return [];
  const text = `is ${showValue(instances)}, but ${why}, expected none`;
  return [{ path: [...path, "instances"], text }];
}

function given<Key extends string>(value: unknown, keys: readonly Key[]): Key[] {
  return keys.filter((key) => valueAt(value, [key]) !== undefined);
}

function kindProblems(root: unknown, path: KeyPath, value: unknown): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  const kinds = given(value, KINDS);
  const problems: Problem[] = [];
  if (kinds.length !== 1) {
    problems.push({ path, text: `has ${showKinds(kinds)}, expected one of them` });
  }
  if (!kinds.includes("program")) {
    const foreign = given(value, PROGRAM_KEYS)
      .map((key) => ({
        path: [...path, key],
        text: "is for programs, expected program beside it",
      }));
    return [...problems, ...foreign];
  }
  if (valueAt(root, ["programs"]) === false) {
    const text = 'is there, but "programs" is false, which refuses them';
    problems.push({ path: [...path, "program"], text });
  }
  return [...problems, ...environmentProblems([...path, "env"], valueAt(value, ["env"]))];
}

function showKinds(kinds: readonly string[]): string {
  if (kinds.length === 0) return "neither behavior, module nor program";
  return kinds.length === 2 ? `both ${kinds.join(" and ")}` : "behavior, module and program";
}

function environmentProblems(path: KeyPath, env: unknown): Problem[] {
  if (typeof env !== "object" || env === null) return [];
  return Object.entries(env).flatMap(([name, value]) => {
    if (!VARIABLE.test(name)) {
      const text = "is no name of a variable, expected letters, digits and _";
      return [{ path: [...path, name], text }];
    }
    const isText = typeof value === "string" && !value.includes("\0");
    if (isText || typeof value === "number" || typeof value === "boolean") return [];
    return [{ path: [...path, name], text: unexpected(value, "a text, a number, true or false") }];
  });
}
