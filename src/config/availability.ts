/**
 * Keys and values that the schema describes and this version cannot do yet.
 *
 * Whoever builds one of them removes its entry.
 *
 * @module
 */

import { type KeyPath, type Problem, showValue } from "./problems.ts";

interface NotAvailable {
  /** Keys from the outside in; `*` is any key. */
  readonly path: readonly string[];
  /** Only these values are not available; without it, all but `except`. */
  readonly values?: readonly unknown[];
  /** Values that ask for nothing. */
  readonly except?: readonly unknown[];
}

/** What is not available yet. */
export const NOT_AVAILABLE: readonly NotAvailable[] = [];

/** Values at a path with `*`, each with its own path. */
export function matchPath(root: unknown, pattern: readonly string[]): [KeyPath, unknown][] {
  let found: [KeyPath, unknown][] = [[[], root]];
  for (const key of pattern) {
    found = found.flatMap(([path, value]) => {
      if (typeof value !== "object" || value === null) return [];
      const keys = key === "*" ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : [];
      return keys.map((own): [KeyPath, unknown] => [
        [...path, own],
        (value as Record<string, unknown>)[own],
      ]);
    });
  }
  return found;
}

/** Whether a key is not available yet with any value, for the reference table. */
export function isNotAvailable(path: readonly string[]): boolean {
  return NOT_AVAILABLE.some((entry) =>
    entry.values === undefined && entry.path.join("\n") === path.join("\n")
  );
}

/** Values of a key that are not available yet, for the reference table. */
export function valuesNotAvailable(path: readonly string[]): readonly unknown[] {
  return NOT_AVAILABLE.find((entry) => entry.path.join("\n") === path.join("\n"))?.values ?? [];
}

/** Problems of a configuration that asks for what is not available yet. */
export function availabilityProblems(root: unknown): Problem[] {
  return NOT_AVAILABLE.flatMap((entry) =>
    matchPath(root, entry.path)
      .filter(([, value]) =>
        entry.values?.includes(value) ?? !(entry.except?.includes(value) ?? false)
      )
      .map(([path, value]) => {
        const what = entry.values === undefined ? path.at(-1) : showValue(value);
        return { path, text: `is ${showValue(value)}, but ${what} is not available yet` };
      })
  );
}
