/**
 * What is wrong with a configuration, and how that is told.
 *
 * @module
 */

import type * as z from "zod";
import { isSecretName, nearestName, quote, REDACTED, redactText } from "../text/mod.ts";
import { listed } from "./leaves.ts";

/** Where a value is: keys from the outside in. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong. */
export interface Problem {
  readonly path: KeyPath;
  /** What follows the key, for example `is -5, expected a size`. */
  readonly text: string;
}

/** A configuration cannot be used; `problems` has one line for each reason. */
export class ConfigError extends Error {
  /** Name of the class. */
  override readonly name = "ConfigError";
  /** Stays the same in all versions. */
  readonly code = "config_invalid";
  /** Takes one line for each problem. */
  constructor(readonly problems: readonly string[], options?: ErrorOptions) {
    super(problems.join("\n"), options);
  }
}

/** Begins the error text of a secret: what stands there is not shown. */
export const SECRET_EXPECTED = "a secret: ";

const MAX_SHOWN = 80;
const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** `endpoints["/ws"].pool[0]`; the whole is `the configuration`. */
export function showPath(path: KeyPath): string {
  let shown = "";
  for (const key of path) {
    if (typeof key === "number") shown += `[${key}]`;
    else if (PLAIN_KEY.test(key)) shown += shown === "" ? key : `.${key}`;
    else shown += `[${quote(key)}]`;
  }
  return shown === "" ? "the configuration" : shown;
}

/** A value as it is shown in an error: JSON, escaped, shortened. */
export function showValue(value: unknown): string {
  let json: string | undefined;
  try {
    json = typeof value === "string" ? quote(value) : JSON.stringify(value);
  } catch {
    // Cyclic or too deep; the kind of value has to do.
  }
  json ??= typeof value;
  json = redactText(json);
  return json.length <= MAX_SHOWN ? json : `${json.slice(0, MAX_SHOWN)}…`;
}

/** The value at a path; `undefined` if there is none. Sees own keys only. */
export function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** `is missing, expected …` or `is 5, expected …`. */
export function unexpected(given: unknown, expected: string): string {
  const is = given === undefined ? "is missing" : `is ${showValue(given)}`;
  return `${is}, expected ${expected}`;
}

/** A key that nothing reads, with the known ones and the one most like it. */
export function unknownKey(path: KeyPath, key: string, known: readonly string[]): Problem {
  const shown = known.filter((name) => !name.startsWith("$"));
  const text = `is not a known key, expected one of ${listed(shown)}` +
    `; did you mean ${quote(nearestName(key, shown))}`;
  return { path: [...path, key], text };
}

function issuePath(issue: z.core.$ZodIssue): KeyPath {
  return issue.path.map((key) => typeof key === "symbol" ? String(key) : key);
}

/** Problems of one issue of the schema. */
export function problemsOfIssue(issue: z.core.$ZodIssue, root: unknown): Problem[] {
  const path = issuePath(issue);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(path, key, issue.message.split("\n")));
  }
  if (issue.code === "invalid_key") {
    const expected = issue.issues[0]?.message ?? "another name";
    return [{ path, text: `has an impossible name, expected ${expected}` }];
  }
  const given = valueAt(root, path);
  const isHidden = given !== undefined && mayBeSecret(path, issue.message, given);
  return [{ path, text: unexpected(isHidden ? REDACTED : given, issue.message) }];
}

/** Whatever stands where a secret is expected, or text under a name that means one. */
function mayBeSecret(path: KeyPath, expected: string, given: unknown): boolean {
  if (expected.startsWith(SECRET_EXPECTED)) return true;
  const isNamed = path.some((key) => key !== "key" && isSecretName(String(key)));
  return isNamed && typeof given === "string";
}
