/**
 * Defaults of handlers and connections, and the check of their options.
 *
 * @module
 */

import { assertOptions, showValue } from "../text/mod.ts";
import { isTargetPattern, TARGET_PATTERN } from "./handshake/target_name.ts";
import { OPTION_ROWS, type OptionRow } from "./option_table.ts";
import type { HandlerOptions, RateLimit, ResolvedOptions } from "./option_types.ts";

export type {
  Accept,
  AcceptAnswer,
  AcceptRequest,
  AcceptWelcome,
  Attributes,
  EngineName,
  HandlerOptions,
  HandshakeRefusal,
  HeaderLine,
  Login,
  OriginCheck,
  RateLimit,
  RefusalListener,
  ResolvedOptions,
  ResponseHeaders,
  SlowConsumerPolicy,
  TargetLostPolicy,
} from "./option_types.ts";

/** Defaults of {@linkcode HandlerOptions}. */
export const HANDLER_DEFAULTS: Readonly<ResolvedOptions> = Object.freeze(
  Object.fromEntries(
    OPTION_ROWS.map(([name, { default: value }]) => [
      name,
      Array.isArray(value) ? Object.freeze([...value]) : value,
    ]),
  ) as unknown as ResolvedOptions,
);

/** Longest delay of a timer, in milliseconds. */
export const MAX_TIMER_MS = 2_147_483_647;

/**
 * Takes what is left out from `base` and checks the rest; `undefined` counts as
 * left out, except that a `rateLimit` of `undefined` is none. Errors say that it
 * is `action` which cannot be done.
 *
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If there is no such option, a choice is not one of those
 * offered, or something else is given for a list.
 */
export function resolveOptions(
  options: HandlerOptions,
  base: ResolvedOptions = HANDLER_DEFAULTS,
  action = "configure a handler",
): ResolvedOptions {
  assertOptions(action, options, Object.keys(HANDLER_DEFAULTS));
  const given = Object.entries(options)
    .filter(([key, value]) => value !== undefined || key === "rateLimit");
  const resolved: ResolvedOptions = { ...base, ...Object.fromEntries(given) };
  const fault = findFault(resolved);
  if (fault === undefined) return resolved;
  const { Class, key, value, expected } = fault;
  throw new Class(`Cannot ${action}: ${key} is ${showValue(value)}, expected ${expected}`);
}

/**
 * Names of the options that ask for engine `ws`: they are not at their default, and
 * `native` passes them over or does them less well.
 */
export function optionsForWs(
  options: Partial<Omit<ResolvedOptions, "accept">>,
): (keyof ResolvedOptions)[] {
  return OPTION_ROWS
    .filter(([name, { native }]) => native !== undefined && name in options)
    .map(([name]) => name)
    .filter((name) => (options as Partial<ResolvedOptions>)[name] !== HANDLER_DEFAULTS[name]);
}

/** What is wrong with an option. */
interface Fault {
  readonly Class: typeof RangeError | typeof TypeError;
  readonly key: string;
  readonly value: unknown;
  readonly expected: string;
}

function findFault(options: ResolvedOptions): Fault | undefined {
  for (const [name, row] of OPTION_ROWS) {
    const fault = notOfKind(name, options[name], row);
    if (fault !== undefined) return fault;
  }
  return notPingPeriod(options) ?? notOneOfTwo(options);
}

function notOfKind(name: string, value: unknown, { kind, least, choices }: OptionRow) {
  switch (kind) {
    case "duration":
      return notInRange(name, value, least ?? 0, MAX_TIMER_MS);
    case "size":
    case "count":
      return notInRange(name, value, least ?? 0);
    case "choice":
      return notChoice(name, value, choices ?? []);
    case "names":
    case "tokens":
      return notTexts(name, value);
    case "rate":
      return notRateLimit(value as RateLimit | undefined);
    case "function":
      return notFunction(name, value);
    case "target":
      return notTarget(name, value);
  }
}

function notPingPeriod({ pingPeriodMs, pongTimeoutMs }: ResolvedOptions): Fault | undefined {
  if (pingPeriodMs < pongTimeoutMs) return undefined;
  const expected = "less than pongTimeoutMs";
  return { Class: RangeError, key: "pingPeriodMs", value: pingPeriodMs, expected };
}

function notOneOfTwo({ pool, target }: ResolvedOptions): Fault | undefined {
  if (pool.length === 0 || target === "") return undefined;
  return { Class: TypeError, key: "target", value: target, expected: "none beside a pool" };
}

function notFunction(key: string, value: unknown): Fault | undefined {
  if (value === undefined || typeof value === "function") return undefined;
  return { Class: TypeError, key, value, expected: "a function" };
}

function notTarget(key: string, value: unknown): Fault | undefined {
  if (value === "" || (typeof value === "string" && isTargetPattern(value))) return undefined;
  return { Class: TypeError, key, value, expected: TARGET_PATTERN };
}

function notTexts(key: string, list: unknown): Fault | undefined {
  const isWrong = !Array.isArray(list) ||
    list.some((text) => typeof text !== "string" || text === "");
  const expected = "a list of texts that are not empty";
  return isWrong ? { Class: TypeError, key, value: list, expected } : undefined;
}

function notChoice(key: string, value: unknown, choices: readonly string[]): Fault | undefined {
  if ((choices as readonly unknown[]).includes(value)) return undefined;
  const names = choices.map((choice) => JSON.stringify(choice)).join(", ");
  return { Class: TypeError, key, value, expected: `one of ${names}` };
}

function notRateLimit(rateLimit: RateLimit | undefined): Fault | undefined {
  if (rateLimit === undefined) return undefined;
  const { messagesPerSecond, burst } = rateLimit;
  return notInRange("rateLimit.messagesPerSecond", messagesPerSecond, Number.MIN_VALUE) ??
    notInRange("rateLimit.burst", burst, 1);
}

function notInRange(
  key: string,
  value: unknown,
  least: number,
  most = Infinity,
): Fault | undefined {
  if (typeof value === "number" && value >= least && value <= most) return undefined;
  const from = least === Number.MIN_VALUE ? "a number above 0" : `a number from ${least}`;
  const expected = most === Infinity ? from : `${from} to ${most}`;
  return { Class: RangeError, key, value, expected };
}
