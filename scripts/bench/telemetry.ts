/**
 * What telemetry costs while no exporter is configured: Troupe's echo that
 * counts nothing against the same that counts.
 *
 * @module
 */

import { openAll } from "./actor_layer.ts";
import { compare, type Measure } from "./compare.ts";
import { echoRate, type Load } from "./load.ts";
import { reportComparison } from "./report.ts";
import { startSubject } from "./subject.ts";

const GOAL = 0.97;
const ROUNDS = 15;
const ROUND_MS = 1_000;
const LOADS: readonly Load[] = [
  { connections: 100, depth: 1, size: 32 },
  { connections: 100, depth: 16, size: 32 },
];

/** Runs the comparison, on each engine, and prints it. */
export async function telemetry(): Promise<void> {
  for (const engine of ["native", "ws"]) {
    await using silent = await startSubject("troupe", [engine, "silent"]);
    await using counting = await startSubject("troupe", [engine]);
    for (const load of LOADS) {
      await using opened = await openAll([silent, counting], load.connections);
      const measure: Measure = (subject) => echoRate(opened.of(subject), load, ROUND_MS);
      const comparison = await compare(silent, counting, measure, ROUNDS);
      const { connections, depth, size } = load;
      const title =
        `Echo on ${engine}, ${connections} connections, ${depth} in flight, ${size} bytes`;
      reportComparison(title, ["without telemetry", "with telemetry"], comparison, GOAL);
    }
  }
}
