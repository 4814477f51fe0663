/**
 * What the actor layer costs: a bare echo on `Deno.upgradeWebSocket` against
 * Troupe's echo behind a pool of three, on the same engine.
 *
 * @module
 */

import { compare, type Measure } from "./compare.ts";
import { Connection } from "./generator/connection.ts";
import { PLAIN } from "./generator/protocols.ts";
import { echoRate, type Load } from "./load.ts";
import { reportComparison } from "./report.ts";
import { startSubject, type Subject } from "./subject.ts";

const GOAL = 0.85;
const ROUNDS = 7;
const ROUND_MS = 1_500;
const LOADS: readonly Load[] = [
  { connections: 100, depth: 1, size: 32 },
  { connections: 100, depth: 16, size: 32 },
];

/** Runs the comparison and prints it. */
export async function actorLayer(): Promise<void> {
  await using bare = await startSubject("bare");
  await using troupe = await startSubject("troupe");
  for (const load of LOADS) {
    await using opened = await openAll([bare, troupe], load.connections);
    const measure: Measure = (subject) => echoRate(opened.of(subject), load, ROUND_MS);
    const comparison = await compare(bare, troupe, measure, ROUNDS);
    const title =
      `Echo, ${load.connections} connections, ${load.depth} in flight, ${load.size} bytes`;
    reportComparison(
      title,
      ["Deno.upgradeWebSocket, bare", "Troupe, pool of three"],
      comparison,
      GOAL,
    );
  }
}

interface Opened extends AsyncDisposable {
  of(subject: Subject): readonly Connection[];
}

/** Opens as many connections to each subject. */
export async function openAll(subjects: readonly Subject[], count: number): Promise<Opened> {
  const opened = new Map<Subject, Connection[]>();
  for (const subject of subjects) {
    const { port } = subject;
    const connections = Array.from(
      { length: count },
      () => Connection.open({ port, protocol: PLAIN }),
    );
    opened.set(subject, await Promise.all(connections));
  }
  return {
    of: (subject) => opened.get(subject)!,
    // deno-lint-ignore require-await -- the type asks for a promise
    [Symbol.asyncDispose]: async () => {
      for (const connection of [...opened.values()].flat()) connection[Symbol.dispose]();
    },
  };
}
