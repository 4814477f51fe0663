/**
 * Measures entries side by side, in alternating rounds.
 *
 * @module
 */

import { Latencies } from "./latency.ts";
import process from "node:process";
import type { Failure, GoalResult, RateResult, RateRow } from "./results/types.ts";
import type { Entry, Goal, Plan, Prepared, RateScenario } from "./scenario.ts";
import { medianRatio, orderOf, spread } from "./statistics.ts";
import type { Subject } from "./subject.ts";

/** One measurement of one entry. */
export interface Sample {
  readonly rate: number;
  readonly cpuRate: number | undefined;
  readonly generatorShare: number | undefined;
}

interface Running {
  readonly entry: Entry;
  readonly subject: Subject;
  readonly prepared: Prepared;
  readonly samples: Sample[];
  latencies: Latencies;
}

/** Measures a scenario. Who fails is left out from then on, and reported. */
export async function measureRates(scenario: RateScenario, plan: Plan): Promise<RateResult> {
  await using stack = new AsyncDisposableStack();
  const failures: Failure[] = [];
  const running: Running[] = [];
  for (const entry of scenario.entries) {
    try {
      running.push(await begin(scenario, entry, stack));
    } catch (error) {
      failures.push(failureOf(entry, error));
    }
  }
  for (let round = 0; round <= plan.rounds; round++) {
    for (const each of orderOf([...running], round)) {
      try {
        const sample = await measureOnce(each, plan.roundMs);
        // The first does not count.
        if (round > 0) each.samples.push(sample);
        else each.latencies = new Latencies();
      } catch (error) {
        failures.push(failureOf(each.entry, error));
        running.splice(running.indexOf(each), 1);
      }
    }
  }
  const { id, group, title, unit, goals = [] } = scenario;
  const samples = new Map(running.map(({ entry, samples }) => [entry.id, samples]));
  return {
    kind: "rate",
    id,
    group,
    title,
    unit,
    failures,
    rows: running.map(toRow),
    goals: goals.map((goal) => judge(goal, samples)),
  };
}

/** Says who could not be measured. */
export function failureOf({ id, title }: Pick<Entry, "id" | "title">, error: unknown): Failure {
  return { entry: id, title, reason: error instanceof Error ? error.message : String(error) };
}

/** Ratio of a goal: per CPU second where that is known, else per second. */
export function judge(
  { entry, over, ratio: goal }: Goal,
  samples: ReadonlyMap<string, readonly Sample[]>,
): GoalResult {
  const [ours, theirs] = [entry, over].map((id) => samples.get(id) ?? []);
  const of = (pick: (sample: Sample) => number | undefined) =>
    medianRatio(ours!.map(pick), theirs!.map(pick));
  return { entry, over, goal, ratio: of(({ cpuRate }) => cpuRate) ?? of(({ rate }) => rate) };
}

async function begin(
  scenario: RateScenario,
  entry: Entry,
  stack: AsyncDisposableStack,
): Promise<Running> {
  const subject = stack.use(await entry.start());
  const prepared = stack.use(await scenario.prepare(subject, entry));
  return { entry, subject, prepared, samples: [], latencies: new Latencies() };
}

async function measureOnce(
  { subject, prepared, latencies }: Running,
  roundMs: number,
): Promise<Sample> {
  const [server, generator] = [() => subject.cpuSeconds(), () => ownCpuSeconds()];
  const before = [server(), generator()] as const;
  const startedMs = performance.now();
  const count = await inTime(prepared.measure(roundMs, latencies), roundMs + GRACE_MS);
  const seconds = (performance.now() - startedMs) / 1000;
  const after = [server(), generator()] as const;
  const cpu = difference(before[0], after[0]);
  const own = difference(before[1], after[1]);
  return {
    rate: count / seconds,
    cpuRate: cpu ? count / cpu : undefined,
    generatorShare: own === undefined ? undefined : own / seconds,
  };
}

/** What is in flight when a round ends must have come by then. */
const GRACE_MS = 20_000;

function inTime<T>(measured: Promise<T>, limitMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const fail = () => reject(new Error(`Cannot measure: messages are out after ${limitMs} ms`));
  const timer = setTimeout(fail, limitMs);
  return Promise.race([measured, promise]).finally(() => clearTimeout(timer));
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}

function toRow({ entry, samples, latencies }: Running): RateRow {
  return {
    entry: entry.id,
    title: entry.title,
    perSecond: spread(samples.map(({ rate }) => rate))!,
    perCpuSecond: spread(samples.map(({ cpuRate }) => cpuRate)),
    generatorShare: spread(samples.map(({ generatorShare }) => generatorShare))?.median,
    latencyMicros: latencies.percentiles(),
  };
}
