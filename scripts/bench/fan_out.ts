/**
 * One message to a thousand connections, on both engines.
 *
 * @module
 */

import { openAll } from "./actor_layer.ts";
import { compare, type Measure } from "./compare.ts";
import { fanOutRate, type Load } from "./load.ts";
import { reportComparison } from "./report.ts";
import { startSubject } from "./subject.ts";

const GOAL = 3;
const ROUNDS = 5;
const ROUND_MS = 1_500;
const LOAD: Load = { connections: 1_000, depth: 8, size: 120 };

/** Runs the comparison and prints it. */
export async function fanOut(): Promise<void> {
  await using native = await startSubject("broadcast", ["native"]);
  await using ws = await startSubject("broadcast", ["ws"]);
  await using opened = await openAll([native, ws], LOAD.connections);
  const measure: Measure = (subject) => fanOutRate(opened.of(subject), LOAD, ROUND_MS);
  const comparison = await compare(native, ws, measure, ROUNDS);
  const title = `Fan-out to ${LOAD.connections} connections, ${LOAD.depth} in flight, ` +
    `${LOAD.size} bytes, deliveries`;
  reportComparison(title, ["Troupe, engine native", "Troupe, engine ws"], comparison, GOAL);
}
