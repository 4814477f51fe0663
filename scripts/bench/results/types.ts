/**
 * What a run gives, as it is written as JSON.
 *
 * @module
 */

import type { Percentiles } from "../latency.ts";
import type { Spread } from "../statistics.ts";

/** Rates of one entry. */
export interface RateRow {
  readonly entry: string;
  readonly title: string;
  readonly perSecond: Spread;
  /** Per CPU second of the server's process tree. */
  readonly perCpuSecond: Spread | undefined;
  /** Processor time of the generator over the time of the rounds: near 1 it is what bounds. */
  readonly generatorShare: number | undefined;
  readonly latencyMicros: Percentiles | undefined;
}

/** Memory of one entry. */
export interface MemoryRow {
  readonly entry: string;
  readonly title: string;
  /** Bytes for each connection, some seconds after the last was opened. */
  readonly bytes: readonly { readonly afterSeconds: number; readonly bytes: number | undefined }[];
}

/** Who could not be measured, and why. */
export interface Failure {
  readonly entry: string;
  readonly title: string;
  readonly reason: string;
}

/** A ratio against its goal. */
export interface GoalResult {
  readonly entry: string;
  readonly over: string;
  readonly goal: number;
  /** `undefined` if one of the two was not measured. */
  readonly ratio: number | undefined;
}

/** Bytes for each connection against their goal. */
export interface MemoryGoal {
  readonly entry: string;
  readonly afterSeconds: number;
  readonly bytes: number;
}

interface CommonResult {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly failures: readonly Failure[];
}

/** Of a scenario of rates. */
export interface RateResult extends CommonResult {
  readonly kind: "rate";
  readonly unit: string;
  readonly rows: readonly RateRow[];
  readonly goals: readonly GoalResult[];
}

/** Of a scenario of memory. */
export interface MemoryResult extends CommonResult {
  readonly kind: "memory";
  readonly connections: number;
  readonly rows: readonly MemoryRow[];
  readonly goals: readonly MemoryGoal[];
}

/** Of any scenario. */
export type ScenarioResult = RateResult | MemoryResult;

/** Where and with what it ran. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
}

/** A whole run. */
export interface Results {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: Machine;
  /** By name: Deno, Node, Go, peers. */
  readonly versions: Readonly<Record<string, string>>;
  readonly plan: { readonly isQuick: boolean; readonly rounds: number; readonly roundMs: number };
  readonly missing: readonly Failure[];
  readonly scenarios: readonly ScenarioResult[];
}
