/**
 * What a scenario is. Each file of `scenarios/` exports `scenarios`, a list.
 *
 * @module
 */

import type { Latencies } from "./latency.ts";
import type { MemoryGoal } from "./results/types.ts";
import type { Subject } from "./subject.ts";

/** How much is measured. */
export interface Plan {
  /** Under a minute for everything: for a look, not for figures. */
  readonly isQuick: boolean;
  /** Rounds that count; one before does not. */
  readonly rounds: number;
  /** Of one measurement, in milliseconds. */
  readonly roundMs: number;
}

/** The two plans. */
export const PLANS = {
  quick: { isQuick: true, rounds: 2, roundMs: 100 },
  full: { isQuick: false, rounds: 5, roundMs: 1_000 },
} as const satisfies Record<string, Plan>;

/** Who is measured in a scenario. */
export interface Entry {
  /** Stable, for results and the command line. */
  readonly id: string;
  readonly title: string;
  /** Starts the server. @throws {MissingPeerError} If it is not to be had here. */
  start(): Promise<Subject>;
}

/** A claim about two entries' rates per CPU second, or plain rates where that is unknown. */
export interface Goal {
  readonly entry: string;
  readonly over: string;
  readonly ratio: number;
}

/** Something that can be measured again and again. */
export interface Prepared extends AsyncDisposable {
  /** Resolves with how many there were of the scenario's `unit`. */
  measure(durationMs: number, latencies: Latencies): Promise<number>;
}

/** What all scenarios have. */
interface Common {
  /** Stable, and unique: "echo-100x1". */
  readonly id: string;
  /** What the command line selects it by: "echo". */
  readonly group: string;
  readonly title: string;
  readonly entries: readonly Entry[];
  /** Part of `--quick`. @default {false} */
  readonly isQuick?: boolean;
}

/** Rates, in alternating rounds. */
export interface RateScenario extends Common {
  readonly kind: "rate";
  /** What is counted: "messages". */
  readonly unit: string;
  readonly goals?: readonly Goal[];
  /** Opens what the load needs; checks that the server does what is measured. */
  prepare(subject: Subject, entry: Entry): Promise<Prepared>;
}

/** Resident memory of connections that do nothing, all entries side by side. */
export interface MemoryScenario extends Common {
  readonly kind: "memory";
  connections(plan: Plan): number;
  readonly goals?: readonly MemoryGoal[];
  /** Opens so many more, and keeps them. */
  hold(subject: Subject, entry: Entry, count: number): Promise<AsyncDisposable>;
}

/** Any scenario. */
export type Scenario = RateScenario | MemoryScenario;
