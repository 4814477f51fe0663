/**
 * Layers of a configuration: file, environment, flags.
 *
 * @module
 */

import * as z from "zod";
import { escapeControls, nearestName, quote } from "../text/mod.ts";
import { matchPath } from "./availability.ts";
import { ConfigError, type KeyPath } from "./problems.ts";
import { configSchema } from "./schema.ts";

/** One value from a flag or the environment. */
export interface Assignment {
  /** Keys from the outside in; `*` is every key that is there. */
  readonly path: readonly string[];
  /** What the key becomes. */
  readonly value: unknown;
  /** As it is named in errors, for example `--port`. */
  readonly source: string;
}

const SEGMENT = /\.?([^.[\]"]+)|\[("(?:[^"\\]|\\.)*")\]/y;

/**
 * Keys of `path.to.key`, where a key with dots in it is written
 * `endpoints["/v1.0"].engine`; `undefined` if it is no such path.
 */
export function parseKeyPath(text: string): string[] | undefined {
  const keys: string[] = [];
  SEGMENT.lastIndex = 0;
  while (SEGMENT.lastIndex < text.length) {
    if (keys.length === 0 && text.startsWith(".")) return undefined;
    const match = SEGMENT.exec(text);
    if (match === null) return undefined;
    const key = match[1] ?? parseScalar(match[2] ?? "");
    if (typeof key !== "string") return undefined;
    keys.push(key);
  }
  return keys.length === 0 ? undefined : keys;
}

/** A value as flags and the environment give it: JSON if it is, else text. */
export function parseScalar(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Assignment of `--set path.to.key=value`.
 *
 * @throws {ConfigError} If it has another form.
 */
export function parseSetting(text: string): Assignment {
  const equals = text.indexOf("=");
  const path = equals > 0 ? parseKeyPath(text.slice(0, equals)) : undefined;
  if (path === undefined) {
    throw new ConfigError([`Cannot use --set ${quote(text)}: expected --set path.to.key=value`]);
  }
  const source = escapeControls(`--set ${text.slice(0, equals)}`);
  return { path, value: valueFor(path, text.slice(equals + 1)), source };
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly writeOnly?: boolean;
}

let knownSchema: SchemaNode | undefined;

/** The schema is made when a text has to be put in its place: at most starts there is none. */
function inputSchema(): SchemaNode {
  return knownSchema ??= z.toJSONSchema(configSchema, { io: "input" }) as SchemaNode;
}

/** What a text sets a key to. A secret is text, also if it looks like a number. */
function valueFor(path: readonly string[], text: string): unknown {
  let node: SchemaNode | undefined = inputSchema();
  for (const key of path) {
    node = node?.properties?.[key] ?? (node?.additionalProperties || undefined);
  }
  return node?.writeOnly === true ? text : parseScalar(text);
}

function fixedPaths(node: SchemaNode, path: readonly string[] = []): string[][] {
  if (node.properties === undefined) return [[...path]];
  return Object.entries(node.properties)
    .filter(([key]) => !key.startsWith("$"))
    .flatMap(([key, below]) => fixedPaths(below, [...path, key]));
}

/** Name of the environment variable of a path: `TROUPE_LISTEN_PORT`. */
export function variableName(path: readonly string[]): string {
  const words = path.map((key) => key.replace(/[A-Z]/g, "_$&").toUpperCase());
  return `TROUPE_${words.join("_")}`;
}

/** Environment variables by name, with the path of the key that each sets. */
export function configVariables(): Map<string, string[]> {
  const paths = fixedPaths(inputSchema());
  const fixed = paths.filter(([first]) => first !== "processes" && first !== "endpoints");
  return new Map(fixed.map((path) => [variableName(path), path]));
}

/**
 * Assignments of the `TROUPE_*` variables. An unknown one is a warning, because
 * orchestrators inject variables of that form; an empty one is not set.
 */
export function environmentLayer(
  environment: Readonly<Record<string, string>>,
): { assignments: Assignment[]; warnings: string[] } {
  const set = Object.entries(environment)
    .filter(([name, text]) => name.startsWith("TROUPE_") && text !== "");
  const variables = set.length === 0 ? new Map<string, string[]>() : configVariables();
  const assignments: Assignment[] = [];
  const warnings: string[] = [];
  for (const [name, text] of set.toSorted()) {
    const path = variables.get(name);
    if (path !== undefined) {
      assignments.push({ path, value: valueFor(path, text), source: name });
      continue;
    }
    const near = nearestName(name, [...variables.keys()]);
    warnings.push(
      `Environment variable ${
        escapeControls(name)
      } is not known and not used; the nearest is ${near}`,
    );
  }
  return { assignments, warnings };
}

/** Sets a value and returns the path of the outermost key that had to be made. */
function setValue(
  root: Record<string, unknown>,
  path: readonly string[],
  { value, source }: Assignment,
): KeyPath {
  if (path.includes("__proto__")) {
    throw new ConfigError([`Cannot use ${source}: "__proto__" is refused as a key`]);
  }
  let target = root;
  let made: KeyPath | undefined;
  for (const [index, key] of path.slice(0, -1).entries()) {
    const next = Object.hasOwn(target, key) ? target[key] : undefined;
    const isObject = typeof next === "object" && next !== null && !Array.isArray(next);
    if (!isObject) made ??= path.slice(0, index + 1);
    target = (target[key] = isObject ? next : {}) as Record<string, unknown>;
  }
  target[path.at(-1) ?? ""] = value;
  return made ?? path;
}

/**
 * Applies assignments in order to a copy of the data; a later one wins.
 *
 * Returns the data and, for error texts, which source a value came from.
 */
export function applyAssignments(
  root: unknown,
  assignments: readonly Assignment[],
  base: string,
): { root: unknown; sourceOf: (path: KeyPath) => string } {
  const sources: { path: KeyPath; source: string }[] = [];
  const isObject = typeof root === "object" && root !== null && !Array.isArray(root);
  const copy = isObject ? structuredClone(root) as Record<string, unknown> : undefined;
  for (const assignment of copy === undefined ? [] : assignments) {
    const star = assignment.path.indexOf("*");
    const paths = star < 0 ? [assignment.path] : matchPath(copy, assignment.path.slice(0, star + 1))
      .map(([found]) => [...found.map(String), ...assignment.path.slice(star + 1)]);
    for (const path of paths) {
      sources.push({ path: setValue(copy!, path, assignment), source: assignment.source });
    }
  }
  const sourceOf = (path: KeyPath) =>
    sources.findLast((entry) => entry.path.every((key, index) => key === path[index]))?.source ??
      base;
  return { root: copy ?? root, sourceOf };
}
