/**
 * Options of handlers and connections, and their defaults.
 *
 * @module
 */

import { quote, showValue } from "../text/mod.ts";

/** Which transport carries the frames; `"auto"` chooses by what is asked of it. */
export type EngineName = "auto" | "native" | "ws";

/** How fast a client may send. */
export interface RateLimit {
  /** Messages per second in the long run. */
  readonly messagesPerSecond: number;
  /** Messages at once. */
  readonly burst: number;
}

/** What happens to a client that reads more slowly than it is written to. */
export type SlowConsumerPolicy = "close" | "drop-oldest";

/** What happens to a connection whose target process has gone. */
export type TargetLostPolicy = "close" | "next";

/** Answers whether a handshake's origin is welcome (seed 000: CheckOrigin). */
export type OriginCheck = (request: Request) => boolean | Promise<boolean>;

/** Hears of a handshake that was refused (seed 003: Config.Error). */
export type RefusalListener = (request: Request, status: number, reason: string) => void;

/** What a handler gives along with a `connect`: plain data. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * Tells the attributes of a handshake that passed every check, within
 * `handshakeTimeoutMs`. The request is made when it is asked for.
 */
export type ConnectAttributes = (
  toRequest: () => Request,
) =>
  | Readonly<Record<string, unknown>>
  | undefined
  | Promise<Readonly<Record<string, unknown>> | undefined>;

/** Options of `createHandler` (seed 000: HandlerOptions). */
export interface HandlerOptions {
  /** Name in metrics and traces, such as the path that leads here. Default empty. */
  readonly endpoint?: string;
  /** Process names, round-robin per connection; empty: the parent. Default `[]`. */
  readonly pool?: readonly string[];
  /** Default `"auto"`. */
  readonly engine?: EngineName;
  /** From accepted TCP connection to completed upgrade, in milliseconds. Default 15 000. */
  readonly handshakeTimeoutMs?: number;
  /** Default `"close"`: 1011. */
  readonly targetLost?: TargetLostPolicy;
  /**
   * `"same-origin"`, `"*"`, exact origins and `https://*.example.com`, or a
   * function. A handshake without an Origin is no browser's and is accepted.
   * Default `"same-origin"`.
   */
  readonly origins?: string | readonly string[] | OriginCheck;
  /** Subprotocols in the server's order of preference. Default `[]`. */
  readonly subprotocols?: readonly string[];
  /** Longest message after reassembly, in bytes; longer: 1009. Default 65 536. */
  readonly maxMessageBytes?: number;
  /** Queued bytes to one client before it counts as slow. Default 1 048 576. */
  readonly sendQueueBytes?: number;
  /** Default `"close"`: 4002. */
  readonly slowConsumer?: SlowConsumerPolicy;
  /** Open connections of this handler; beyond: 503 with Retry-After. Default 10 000. */
  readonly maxConnections?: number;
  /** Open connections of one address, 0 is no limit; beyond: 429. Default 0. */
  readonly maxConnectionsPerIp?: number;
  /**
   * Beyond it reading pauses (engine `ws`), or the connection ends with 4005
   * (`native`). Default: no limit.
   */
  readonly rateLimit?: RateLimit | undefined;
  /**
   * Offer permessage-deflate without context takeover; engine `ws`
   * (seed 000: EnableCompression). Default false.
   */
  readonly compression?: boolean;
  /** Longest time without a message, in milliseconds; beyond: 1008. Default 0: no limit. */
  readonly readTimeoutMs?: number;
  /**
   * Longest time in which nothing of what waits for a client leaves, in
   * milliseconds; beyond: 4002. 0 is no limit. Default 10 000.
   */
  readonly writeTimeoutMs?: number;
  /** Time after which a quiet peer is pinged, in milliseconds; engine `ws`. Default 54 000. */
  readonly pingPeriodMs?: number;
  /**
   * Time after which a peer that was not heard is given up with 4003, in
   * milliseconds, longer than `pingPeriodMs`; engine `ws`. Default 60 000.
   */
  readonly pongTimeoutMs?: number;
  /** Bytes read ahead while reading is paused; engine `ws`. Default 4096. */
  readonly readBufferBytes?: number;
  /** Bytes written before the transport counts as full; engine `ws`. Default 4096. */
  readonly writeBufferBytes?: number;
  /**
   * Plain data for the process, as `attributes` of `connect`; a promise is waited
   * for. If it throws: 500; not in time: 408. Default: none.
   */
  readonly attributes?: ConnectAttributes | undefined;
  /** Told of each refused handshake, before the answer leaves. Default: nobody. */
  readonly onRefused?: RefusalListener | undefined;
}

/** Handler options with every default filled in. */
export type ResolvedOptions =
  & Required<Omit<HandlerOptions, "rateLimit" | "attributes" | "onRefused">>
  & {
    readonly rateLimit: RateLimit | undefined;
    readonly attributes: ConnectAttributes | undefined;
    readonly onRefused: RefusalListener | undefined;
  };

/** Defaults of {@linkcode HandlerOptions}. */
export const HANDLER_DEFAULTS: Readonly<ResolvedOptions> = Object.freeze({
  endpoint: "",
  pool: Object.freeze([]),
  engine: "auto",
  handshakeTimeoutMs: 15_000,
  targetLost: "close",
  origins: "same-origin",
  subprotocols: Object.freeze([]),
  maxMessageBytes: 65_536,
  sendQueueBytes: 1_048_576,
  slowConsumer: "close",
  maxConnections: 10_000,
  maxConnectionsPerIp: 0,
  rateLimit: undefined,
  compression: false,
  readTimeoutMs: 0,
  writeTimeoutMs: 10_000,
  pingPeriodMs: 54_000,
  pongTimeoutMs: 60_000,
  readBufferBytes: 4_096,
  writeBufferBytes: 4_096,
  attributes: undefined,
  onRefused: undefined,
});

/** Longest delay of a timer, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

/** The least and the most of each number. */
const RANGES: readonly [keyof HandlerOptions, least: number, most: number][] = [
  ["handshakeTimeoutMs", 1, MAX_TIMER_MS],
  ["maxMessageBytes", 1, Infinity],
  ["sendQueueBytes", 1, Infinity],
  ["maxConnections", 1, Infinity],
  ["maxConnectionsPerIp", 0, Infinity],
  ["readTimeoutMs", 0, MAX_TIMER_MS],
  ["writeTimeoutMs", 0, MAX_TIMER_MS],
  ["pingPeriodMs", 1, MAX_TIMER_MS],
  ["pongTimeoutMs", 1, MAX_TIMER_MS],
  ["readBufferBytes", 1, Infinity],
  ["writeBufferBytes", 1, Infinity],
];
const CHOICES = {
  engine: ["auto", "native", "ws"],
  targetLost: ["close", "next"],
  slowConsumer: ["close", "drop-oldest"],
} as const;

/** Those that are lists of texts. */
const LISTS = ["pool", "subprotocols"] as const;

/**
 * Takes what is left out from `base` and checks the rest; `undefined` counts as
 * left out, except that a `rateLimit` of `undefined` is none. Errors say that it
 * is `action` which cannot be done.
 *
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If there is no such option, a choice is none of those
 * offered, or a list is none.
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

/** What is wrong with an option. */
interface Fault {
  readonly Class: typeof RangeError | typeof TypeError;
  readonly key: string;
  readonly value: unknown;
  readonly expected: string;
}

function findFault(options: ResolvedOptions): Fault | undefined {
  for (const [key, least, most] of RANGES) {
    const fault = notInRange(key, options[key], least, most);
    if (fault !== undefined) return fault;
  }
  return notRateLimit(options.rateLimit) ?? notPingPeriod(options) ?? notTexts(options) ??
    notChoice(options);
}

/**
 * Checks that there are no other options than these: a name that was misspelt
 * would count as left out.
 *
 * @throws {TypeError} If there are, naming the first one.
 */
export function assertOptions(what: string, options: object, keys: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !keys.includes(key));
  if (unknown === undefined) return;
  const expected = `one of ${keys.join(", ")}`;
  throw new TypeError(`Cannot ${what}: ${quote(unknown)} is no option, expected ${expected}`);
}

function notPingPeriod({ pingPeriodMs, pongTimeoutMs }: ResolvedOptions): Fault | undefined {
  if (pingPeriodMs < pongTimeoutMs) return undefined;
  const expected = "less than pongTimeoutMs";
  return { Class: RangeError, key: "pingPeriodMs", value: pingPeriodMs, expected };
}

function notTexts(options: ResolvedOptions): Fault | undefined {
  const key = LISTS.find((key) => {
    const list: unknown = options[key];
    return !Array.isArray(list) || list.some((text) => typeof text !== "string" || text === "");
  });
  if (key === undefined) return undefined;
  const expected = "a list of texts that are not empty";
  return { Class: TypeError, key, value: options[key], expected };
}

function notChoice(options: ResolvedOptions): Fault | undefined {
  for (const [key, choices] of Object.entries(CHOICES)) {
    const value = options[key as keyof typeof CHOICES];
    if ((choices as readonly string[]).includes(value)) continue;
    const names = choices.map((choice) => JSON.stringify(choice)).join(", ");
    return { Class: TypeError, key, value, expected: `one of ${names}` };
  }
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
