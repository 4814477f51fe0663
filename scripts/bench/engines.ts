/**
 * Engine `ws` against engine `native`, and against plain npm `ws`.
 *
 * @module
 */

import { openAll } from "./actor_layer.ts";
import { compare, type Measure } from "./compare.ts";
import { echoRate, type Load } from "./load.ts";
import { reportComparison } from "./report.ts";
import { startSubject, type Subject } from "./subject.ts";

const ROUNDS = 5;
const ROUND_MS = 1_500;

interface Match {
  readonly names: readonly [string, string];
  readonly load: Load;
  readonly goal: number;
}

/** Runs the comparisons and prints them. */
export async function engines(): Promise<void> {
  await using native = await startSubject("troupe", ["native"]);
  await using plain = await startSubject("plain_ws");
  await using ws = await startSubject("troupe", ["ws"]);
  await match(native, ws, {
    names: ["Troupe, engine native", "Troupe, engine ws"],
    load: { connections: 100, depth: 16, size: 32 },
    goal: 4,
  });
  await match(plain, ws, {
    names: ["npm ws on node:http", "Troupe, engine ws"],
    load: { connections: 100, depth: 1, size: 32 },
    goal: 0.9,
  });
}

async function match(
  baseline: Subject,
  candidate: Subject,
  { names, load, goal }: Match,
): Promise<void> {
  await using opened = await openAll([baseline, candidate], load.connections);
  const measure: Measure = (subject) => echoRate(opened.of(subject), load, ROUND_MS);
  const comparison = await compare(baseline, candidate, measure, ROUNDS);
  const title =
    `Echo, ${load.connections} connections, ${load.depth} in flight, ${load.size} bytes`;
  reportComparison(title, names, comparison, goal);
}
