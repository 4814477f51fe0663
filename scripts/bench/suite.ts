/**
 * A run of scenarios, from the peers to the page.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { CONTESTANTS } from "./contestants.ts";
import { measureMemory } from "./idle.ts";
import { describeMachine, describeVersions } from "./machine.ts";
import { failureOf, measureRates } from "./rates.ts";
import { toChart } from "./results/chart.ts";
import { toDocument } from "./results/document.ts";
import { showFailure, toSection } from "./results/table.ts";
import type { Failure, Results, ScenarioResult } from "./results/types.ts";
import type { Entry, Plan, Scenario } from "./scenario.ts";

/** Measures and prints as it goes. */
export async function runSuite(selected: readonly Scenario[], plan: Plan): Promise<Results> {
  const missing = await fetchPeers(entriesIn(selected));
  const isMissing = new Set(missing.map(({ entry }) => entry));
  const scenarios: ScenarioResult[] = [];
  const startedMs = performance.now();
  for (const scenario of selected) {
    const entries = scenario.entries.filter(({ id }) => !isMissing.has(id));
    if (entries.length === 0) continue;
    const sinceMs = performance.now();
    const result = scenario.kind === "rate"
      ? await measureRates({ ...scenario, entries }, plan)
      : await measureMemory({ ...scenario, entries }, plan);
    scenarios.push(result);
    console.log(`\n${result.title} (${secondsSince(sinceMs)})\n\n${toSection(result)}`);
  }
  console.log(`\nMeasured in ${secondsSince(startedMs)}`);
  const { isQuick, rounds, roundMs } = plan;
  return {
    date: new Date().toISOString(),
    machine: describeMachine(),
    versions: await describeVersions(),
    plan: { isQuick, rounds, roundMs },
    missing,
    scenarios,
  };
}

function secondsSince(ms: number): string {
  return `${((performance.now() - ms) / 1000).toFixed(0)} s`;
}

/** Prints results of an earlier run. */
export function printResults({ missing, scenarios }: Results): void {
  for (const each of missing) console.log(showFailure(each));
  for (const result of scenarios) console.log(`\n${result.title}\n\n${toSection(result)}`);
}

/** Fetches what the entries need; resolves with who is missing, and prints them. */
export async function fetchPeers(entries: ReadonlySet<string>): Promise<readonly Failure[]> {
  const missing: Failure[] = [];
  for (const contestant of CONTESTANTS) {
    if (!entries.has(contestant.id)) continue;
    try {
      await contestant.command(contestant.roles[0]!, false);
    } catch (error) {
      missing.push(failureOf(contestant, error));
      console.log(showFailure(missing.at(-1)!));
    }
  }
  return missing;
}

/** Ids of all entries of scenarios. */
export function entriesIn(scenarios: readonly Scenario[]): ReadonlySet<string> {
  return new Set(scenarios.flatMap(({ entries }) => entries.map(({ id }: Entry) => id)));
}

/** Writes the page, the chart and the data beside it, in the folder `docs`. */
export async function writeDocument(results: Results, docs: URL): Promise<void> {
  const texts = {
    "benchmarks.md": toDocument(results),
    "benchmarks.json": JSON.stringify(results, undefined, 2),
    "benchmarks.svg": toChart(results.scenarios),
  };
  const paths: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const path = fileURLToPath(new URL(name, docs));
    await Deno.writeTextFile(path, text);
    paths.push(path);
  }
  const { success } = await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", ...paths] })
    .output();
  if (!success) throw new Error(`Cannot format ${paths.join(", ")}`);
}
