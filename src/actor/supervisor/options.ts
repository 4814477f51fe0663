/**
 * What a supervisor is made of and what it can be asked.
 *
 * @module
 */

import { assertOptions, optionNames } from "../../text/mod.ts";
import { assertDelay } from "../../time/mod.ts";
import type { AnyProcessFunction, SpawnOptions } from "../types.ts";
import type { RestartLimits, RestartPolicy, SupervisorStrategy } from "./supervision.ts";

/** One child of a supervisor, or the template of a `"simple-one-for-one"` one. */
export interface ChildSpec {
  /** Unique within its supervisor. */
  readonly id: string;
  /** Its function. */
  readonly run: AnyProcessFunction;
  /** Default `"transient"`. */
  readonly restart?: RestartPolicy;
  /** How it is spawned each time. Links are the supervisor's own affair. */
  readonly options?: Omit<SpawnOptions, "linkChild" | "linkParent">;
}

/** Options of {@linkcode createSupervisor}. */
export interface SupervisorOptions extends Partial<RestartLimits> {
  /** Default `"one-for-one"`. */
  readonly strategy?: SupervisorStrategy;
  /** In the order in which they start; they stop in the reverse one. */
  readonly children: readonly ChildSpec[];
  /**
   * Asked to stop, stop all children at once and not one after the other. Default false;
   * `"simple-one-for-one"` always does.
   */
  readonly stopTogether?: boolean;
}

/** Defaults of {@linkcode SupervisorOptions}. */
export const SUPERVISOR_DEFAULTS: Readonly<
  RestartLimits & { strategy: SupervisorStrategy; restart: RestartPolicy }
> = Object.freeze({
  strategy: "one-for-one",
  restart: "transient",
  intensity: 5,
  periodMs: 5_000,
  backoffMs: 50,
  maxBackoffMs: 2_000,
});

/**
 * Requests that a supervisor answers in `call`.
 *
 * - `startChild`: of a `"simple-one-for-one"` supervisor; `env` is merged over
 *   the template's. Replies with the Pid.
 * - `stopChild`: stops a child for good. Replies, when it has ended, with
 *   whether there was one.
 * - `children`: replies with {@linkcode ChildInfo}`[]`
 */
export type SupervisorRequest =
  | {
    readonly kind: "startChild";
    readonly name?: string;
    readonly env?: Readonly<Record<string, unknown>>;
  }
  | { readonly kind: "stopChild"; readonly id: string }
  | { readonly kind: "children" };

/** One entry of the reply to a `children` request. */
export interface ChildInfo {
  /** Of its specification; of a dynamic child, that of the template and a number. */
  readonly id: string;
  /** Empty while it does not run. */
  readonly pid: string;
  /** `"running"`, `"stopping"`, `"waiting"` to be started again, or `"stopped"`. */
  readonly phase: string;
}

/** A child whose policy is known. */
export type ResolvedChild = ChildSpec & { readonly restart: RestartPolicy };

/** Options with all defaults filled in. */
export interface ResolvedSupervisor {
  readonly strategy: SupervisorStrategy;
  readonly limits: RestartLimits;
  readonly children: readonly ResolvedChild[];
  readonly stopTogether: boolean;
}

const STRATEGIES: readonly SupervisorStrategy[] = [
  "one-for-one",
  "all-for-one",
  "rest-for-one",
  "simple-one-for-one",
];
const SUPERVISOR = optionNames<SupervisorOptions>({
  strategy: true,
  children: true,
  stopTogether: true,
  intensity: true,
  periodMs: true,
  backoffMs: true,
  maxBackoffMs: true,
});
const CHILD = optionNames<ChildSpec>({ id: true, run: true, restart: true, options: true });
const CHILD_OPTIONS = optionNames<NonNullable<ChildSpec["options"]>>({
  name: true,
  env: true,
  mailboxSize: true,
  trapExit: true,
  stopTimeoutMs: true,
});
const POLICIES: readonly RestartPolicy[] = ["permanent", "transient", "temporary"];

/**
 * Checks the options of a supervisor and fills in the defaults.
 *
 * @throws {TypeError} If there is no such option, ids repeat, a strategy or policy is not one of those
 * there are, a function is missing, or
 * a simple supervisor has not one template.
 * @throws {RangeError} If a limit is out of its range.
 */
export function resolveSupervisor(options: SupervisorOptions): ResolvedSupervisor {
  assertOptions("create a supervisor", options, SUPERVISOR);
  const { strategy = SUPERVISOR_DEFAULTS.strategy } = options;
  assertOneOf("strategy", strategy, STRATEGIES);
  options.children.forEach(assertSpec);
  const children = options.children.map((spec) => ({
    ...spec,
    restart: spec.restart ?? SUPERVISOR_DEFAULTS.restart,
  }));
  children.forEach(assertChild);
  if (strategy === "simple-one-for-one" && children.length !== 1) {
    throw new TypeError(
      `Cannot supervise simple-one-for-one: got ${children.length} children, expected one template`,
    );
  }
  const stopTogether = options.stopTogether === true || strategy === "simple-one-for-one";
  return { strategy, limits: resolveLimits(options), children, stopTogether };
}

function assertSpec(spec: ChildSpec): void {
  assertOptions("supervise a child", spec, CHILD);
  if (spec.options === undefined) return;
  assertOptions(`supervise ${JSON.stringify(spec.id)}`, spec.options, CHILD_OPTIONS);
}

function assertChild({ id, run, restart }: ResolvedChild, index: number, all: ResolvedChild[]) {
  assertOneOf("restart", restart, POLICIES);
  if (typeof run !== "function") {
    throw new TypeError(
      `Cannot supervise ${JSON.stringify(id)}: got a ${typeof run} to run, expected a function`,
    );
  }
  if (all.findIndex((other) => other.id === id) !== index) {
    throw new TypeError(`Cannot supervise: two children have the id ${JSON.stringify(id)}`);
  }
}

function resolveLimits(options: SupervisorOptions): RestartLimits {
  const {
    intensity = SUPERVISOR_DEFAULTS.intensity,
    periodMs = SUPERVISOR_DEFAULTS.periodMs,
    backoffMs = SUPERVISOR_DEFAULTS.backoffMs,
    maxBackoffMs = SUPERVISOR_DEFAULTS.maxBackoffMs,
  } = options;
  if (!(intensity >= 0)) {
    throw new RangeError(`Cannot supervise: got intensity ${intensity}, expected 0 or more`);
  }
  assertDelay("supervise with this periodMs", periodMs);
  assertDelay("supervise with this backoffMs", backoffMs);
  assertDelay("supervise with this maxBackoffMs", maxBackoffMs);
  return { intensity, periodMs, backoffMs, maxBackoffMs };
}

function assertOneOf(what: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  const expected = known.map((each) => JSON.stringify(each)).join(", ");
  throw new TypeError(
    `Cannot supervise: got ${what} ${JSON.stringify(value)}, expected ${expected}`,
  );
}
