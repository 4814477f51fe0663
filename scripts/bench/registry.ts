/**
 * Finds the scenarios: every file of `scenarios/` exports a list.
 *
 * @module
 */

import { BenchUsageError } from "./args.ts";
import type { Scenario } from "./scenario.ts";

const FOLDER = new URL("./scenarios/", import.meta.url);
/** The generator shows first what it can do. */
const FIRST = "ceiling.ts";

/** Imports all files, that of the ceiling first, the others by name. */
export async function loadScenarios(): Promise<readonly Scenario[]> {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  const ordered = files.toSorted((a, b) => Number(b === FIRST) - Number(a === FIRST));
  const modules = await Promise.all(ordered.map((file) => import(new URL(file, FOLDER).href)));
  return modules.flatMap(({ scenarios }, i) => {
    if (Array.isArray(scenarios)) return scenarios as Scenario[];
    throw new TypeError(`Cannot load scenarios/${ordered[i]}: it exports no list "scenarios"`);
  });
}

/** What is asked for. */
export interface Selection {
  readonly scenarios: readonly Scenario[];
  readonly comparisons: readonly string[];
}

/**
 * Scenarios by group or id and comparisons by name; without names all scenarios,
 * of a quick run those that are part of it.
 *
 * @throws {BenchUsageError} If a name or entry is not known.
 */
export function select(
  all: readonly Scenario[],
  comparisons: readonly string[],
  { names, only, isQuick }: {
    readonly names: readonly string[];
    readonly only: readonly string[];
    readonly isQuick: boolean;
  },
): Selection {
  const groups = new Set(all.map(({ group }) => group));
  refuseUnknown("the benchmark", names, [...groups, ...all.map(({ id }) => id), ...comparisons]);
  refuseUnknown("the entry", only, all.flatMap(({ entries }) => entries.map(({ id }) => id)));
  const isNamed = ({ group, id, isQuick: isPart }: Scenario) =>
    names.length === 0 ? !isQuick || isPart === true : names.includes(group) || names.includes(id);
  const scenarios = all.filter(isNamed).map((scenario) => ({
    ...scenario,
    entries: scenario.entries.filter(({ id }) => only.length === 0 || only.includes(id)),
  })).filter(({ entries }) => entries.length > 0);
  // A quick run leaves out those that are a group of scenarios as well.
  const isWanted = (name: string) => names.includes(name) && !(isQuick && groups.has(name));
  return { scenarios, comparisons: comparisons.filter(isWanted) };
}

function refuseUnknown(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const expected = [...new Set(known)].join(", ");
  throw new BenchUsageError(
    `Cannot run ${what} ${JSON.stringify(unknown)}: expected one of ${expected}`,
  );
}
