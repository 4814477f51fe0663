/**
 * Options of handlers and connections, and their defaults.
 *
 * @module
 */

/** Which transport carries the frames; `"auto"` chooses by what is asked of it. */
export type EngineName = "auto" | "native" | "ws";

/** What happens to a client that reads more slowly than it is written to. */
export type SlowConsumerPolicy = "close" | "drop-oldest";

/** What happens to a connection whose target process has gone. */
export type TargetLostPolicy = "close" | "next";

/** Answers whether a handshake's origin is welcome (seed 000: CheckOrigin). */
export type OriginCheck = (request: Request) => boolean | Promise<boolean>;

/** Options of `createHandler` (seed 000: HandlerOptions). */
export interface HandlerOptions {
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
}

/** Defaults of {@linkcode HandlerOptions}. */
export const HANDLER_DEFAULTS: Readonly<Required<HandlerOptions>> = Object.freeze({
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
});

const POSITIVE = [
  "handshakeTimeoutMs",
  "maxMessageBytes",
  "sendQueueBytes",
  "maxConnections",
] as const;
const CHOICES = {
  engine: ["auto", "native"],
  targetLost: ["close", "next"],
  slowConsumer: ["close", "drop-oldest"],
} as const;

/** Longest delay of a timer, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Takes what is left out from `base` and checks the rest; `undefined` counts as left out.
 *
 * @throws {RangeError} If a limit is not a number above 0, or a time is more than a timer takes.
 * @throws {TypeError} If a choice is none of those offered.
 */
export function resolveOptions(
  options: HandlerOptions,
  base: Required<HandlerOptions> = HANDLER_DEFAULTS,
): Required<HandlerOptions> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const resolved = { ...base, ...Object.fromEntries(given) };
  for (const key of POSITIVE) {
    const value: unknown = resolved[key];
    const most = key === "handshakeTimeoutMs" ? MAX_TIMER_MS : Infinity;
    if (typeof value === "number" && value > 0 && value <= most) continue;
    const range = most === Infinity ? "a number above 0" : `a number above 0, at most ${most}`;
    const shown = Deno.inspect(value, { depth: 0 });
    throw new RangeError(`Cannot configure a handler: ${key} is ${shown}, expected ${range}`);
  }
  for (const [key, choices] of Object.entries(CHOICES)) {
    const value = resolved[key as keyof typeof CHOICES];
    if ((choices as readonly string[]).includes(value)) continue;
    throw new TypeError(
      `Cannot configure a handler: ${key} is ${JSON.stringify(value)}, expected one of ${
        choices.map((choice) => JSON.stringify(choice)).join(", ")
      }`,
    );
  }
  return resolved;
}
