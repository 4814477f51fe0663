/**
 * Benchmarks: Troupe and its peers side by side in one run, and comparisons within
 * Troupe. Absolute figures depend on the machine; ratios travel.
 *
 * @module
 */

import { actorLayer } from "./bench/actor_layer.ts";
import { type BenchArgs, BenchUsageError, parseBenchArgs, USAGE } from "./bench/args.ts";
import { calls } from "./bench/calls.ts";
import { cluster } from "./bench/cluster.ts";
import { CONTESTANTS } from "./bench/contestants.ts";
import { engines } from "./bench/engines.ts";
import { fanOut } from "./bench/fan_out.ts";
import { memory } from "./bench/memory.ts";
import { programs } from "./bench/programs.ts";
import { loadScenarios, select } from "./bench/registry.ts";
import type { Results } from "./bench/results/types.ts";
import { rooms } from "./bench/rooms.ts";
import { PLANS, type Scenario } from "./bench/scenario.ts";
import { fetchPeers, printResults, runSuite, writeDocument } from "./bench/suite.ts";
import { telemetry } from "./bench/telemetry.ts";

/** Comparisons within Troupe; a name may be that of a group of scenarios as well. */
const COMPARISONS: Readonly<Record<string, () => Promise<void>>> = {
  "actor-layer": actorLayer,
  calls,
  cluster,
  engines,
  "fan-out": fanOut,
  memory,
  programs,
  rooms,
  telemetry,
};

const DOCS = new URL("../docs/", import.meta.url);

try {
  await main(parseBenchArgs(Deno.args));
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
// What a generator has open would keep it alive.
Deno.exit(0);

async function main(args: BenchArgs): Promise<void> {
  if (args.helps) return console.log(USAGE);
  const all = await loadScenarios();
  if (args.lists) return list(all);
  if (args.fetches) {
    const missing = await fetchPeers(new Set(CONTESTANTS.map(({ id }) => id)));
    return console.log(`${CONTESTANTS.length - missing.length} of ${CONTESTANTS.length} are there`);
  }
  const { scenarios, comparisons } = select(all, Object.keys(COMPARISONS), args);
  if (args.from !== undefined || scenarios.length > 0) {
    const results = args.from === undefined
      ? await runSuite(scenarios, PLANS[args.isQuick ? "quick" : "full"])
      : JSON.parse(await Deno.readTextFile(args.from)) as Results;
    if (args.from !== undefined) printResults(results);
    if (args.json !== undefined) {
      await Deno.writeTextFile(args.json, `${JSON.stringify(results, undefined, 2)}\n`);
    }
    if (args.writes) await writeDocument(results, DOCS);
  }
  for (const name of comparisons) await COMPARISONS[name]!();
}

function list(all: readonly Scenario[]): void {
  console.log("Scenarios, by group:");
  for (const { group, id, title } of all) {
    console.log(`  ${group.padEnd(12)} ${id.padEnd(28)} ${title}`);
  }
  console.log(`Comparisons: ${Object.keys(COMPARISONS).join(", ")}`);
  const entries = new Set(all.flatMap(({ entries }) => entries.map(({ id }) => id)));
  console.log(`Entries: ${[...entries].join(", ")}`);
}
