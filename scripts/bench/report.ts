/**
 * How results are printed.
 *
 * @module
 */

import type { Comparison, Round } from "./compare.ts";

/** Prints one comparison with its goal. */
export function reportComparison(
  title: string,
  names: readonly [string, string],
  comparison: Comparison,
  goal: number,
): void {
  const { baseline, candidate, rateRatio, cpuRatio } = comparison;
  const verdict = rateRatio >= goal ? "reached" : "MISSED";
  console.log(`\n${title}`);
  console.log(`  ${names[0].padEnd(28)} ${showRound(baseline)}`);
  console.log(`  ${names[1].padEnd(28)} ${showRound(candidate)}`);
  console.log(`  ratio of rates ${rateRatio.toFixed(2)} (goal ${goal.toFixed(2)}: ${verdict})`);
  if (cpuRatio !== undefined) console.log(`  ratio of server time ${cpuRatio.toFixed(2)}`);
}

function showRound({ rate, cpuMicros }: Round): string {
  const time = cpuMicros === undefined ? "" : `  ${cpuMicros.toFixed(2)} µs of server time each`;
  return `${Math.round(rate).toLocaleString("en-US").padStart(10)} per second${time}`;
}
