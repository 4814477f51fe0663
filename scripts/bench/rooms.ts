/**
 * What rooms cost: a bare broadcast loop on `Deno.upgradeWebSocket` against an
 * event server that emits to a room, on the same engine.
 *
 * @module
 */

import { openAll } from "./actor_layer.ts";
import { compare, type Measure } from "./compare.ts";
import { fanOutRate } from "./load.ts";
import { NEWS_TEXT } from "./news.ts";
import { reportComparison } from "./report.ts";
import { startSubject } from "./subject.ts";

/** At most 15 % more. */
const GOAL = 1 / 1.15;
const ROUNDS = 7;
const ROUND_MS = 1_500;
const MEMBERS = 1_000;
const DEPTHS: readonly number[] = [1, 8];

/** Runs the comparison and prints it. */
export async function rooms(): Promise<void> {
  await using bare = await startSubject("bare_broadcast");
  await using troupe = await startSubject("rooms");
  for (const depth of DEPTHS) {
    await using opened = await openAll([bare, troupe], MEMBERS);
    const measure: Measure = (subject) =>
      fanOutRate(
        opened.of(subject),
        { connections: MEMBERS, depth, size: NEWS_TEXT.length },
        ROUND_MS,
      );
    const comparison = await compare(bare, troupe, measure, ROUNDS);
    const title = `Deliveries in a room of ${MEMBERS}, ${depth} in flight, ` +
      `${NEWS_TEXT.length} bytes`;
    const names = ["bare broadcast loop", "Troupe, emit to a room"] as const;
    reportComparison(title, names, comparison, GOAL);
  }
}
