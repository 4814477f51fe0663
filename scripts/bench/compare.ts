/**
 * Subjects side by side, in alternating rounds.
 *
 * @module
 */

import { median } from "./statistics.ts";
import type { Subject } from "./subject.ts";

/** One measurement of one subject. */
export interface Round {
  /** What was counted, per second. */
  readonly rate: number;
  /** Processor time of the server for each, in microseconds. */
  readonly cpuMicros: number | undefined;
}

/** The outcome of a comparison. */
export interface Comparison {
  readonly baseline: Round;
  readonly candidate: Round;
  /** Median of the rounds' candidate rate over baseline rate. */
  readonly rateRatio: number;
  /** Median of the rounds' baseline time over candidate time. */
  readonly cpuRatio: number | undefined;
}

/** Measures one subject once: resolves with a rate per second. */
export type Measure = (subject: Subject) => Promise<number>;

/**
 * Measures two subjects in turn, A B B A A B …, after one round of each that
 * does not count. Ratios are of neighbours, so that a machine whose speed
 * drifts does not favour either.
 */
export async function compare(
  baseline: Subject,
  candidate: Subject,
  measure: Measure,
  rounds: number,
): Promise<Comparison> {
  const pairs: { baseline: Round; candidate: Round }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const first = round % 2 === 0 ? baseline : candidate;
    const second = first === baseline ? candidate : baseline;
    const results = new Map<Subject, Round>();
    for (const subject of [first, second]) results.set(subject, await once(subject, measure));
    if (round === 0) continue;
    pairs.push({ baseline: results.get(baseline)!, candidate: results.get(candidate)! });
  }
  return {
    baseline: medianRound(pairs.map((pair) => pair.baseline)),
    candidate: medianRound(pairs.map((pair) => pair.candidate)),
    rateRatio: median(pairs.map((pair) => pair.candidate.rate / pair.baseline.rate)),
    cpuRatio: medianOf(
      pairs.map((pair) => ratio(pair.baseline.cpuMicros, pair.candidate.cpuMicros)),
    ),
  };
}

async function once(subject: Subject, measure: Measure): Promise<Round> {
  const startedMs = performance.now();
  const cpuBefore = subject.cpuSeconds();
  const rate = await measure(subject);
  const cpuAfter = subject.cpuSeconds();
  if (cpuBefore === undefined || cpuAfter === undefined) return { rate, cpuMicros: undefined };
  const count = rate * (performance.now() - startedMs) / 1000;
  return { rate, cpuMicros: (cpuAfter - cpuBefore) / count * 1e6 };
}

function medianRound(rounds: readonly Round[]): Round {
  return {
    rate: median(rounds.map(({ rate }) => rate)),
    cpuMicros: medianOf(rounds.map(({ cpuMicros }) => cpuMicros)),
  };
}

function ratio(over: number | undefined, under: number | undefined): number | undefined {
  return over === undefined || under === undefined ? undefined : over / under;
}

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}
