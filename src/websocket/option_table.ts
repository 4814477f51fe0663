/**
 * The table of handler options: all that is to be known of each, once.
 *
 * Defaults, ranges, what a reload takes over, the keys of an endpoint in a
 * configuration, their reference and the choice of an engine are made from it.
 *
 * @module
 */

import type { HandlerOptions } from "./option_types.ts";

/** What kind of value an option has; it decides how a configuration writes it. */
export type OptionKind =
  /** Milliseconds; with a unit in a configuration. */
  | "duration"
  /** Bytes; with a unit in a configuration. */
  | "size"
  /** How many there may be. */
  | "count"
  /** Yes or no. */
  | "flag"
  /** One of `choices`. */
  | "choice"
  /** A list of process names. */
  | "names"
  /** Name of a process, with parts of the path. */
  | "target"
  /** A list of subprotocols. */
  | "tokens"
  /** Origins of web pages. */
  | "origins"
  /** Messages per second, and at once. */
  | "rate"
  /** Any text. */
  | "text"
  /** A function of the application. */
  | "function";

/** What is known of an option. */
export interface OptionRow {
  readonly kind: OptionKind;
  readonly default: unknown;
  /** Least number of a `duration`, `size` or `count`. */
  readonly least?: 0 | 1;
  /** What a `count` counts, for errors. */
  readonly of?: string;
  /** Values of a `choice`. */
  readonly choices?: readonly [string, ...string[]];
  /** Present: it can change while connections are open; else only at the start. */
  readonly live?: true;
  /** What engine `native` makes of it: it passes it over, or does it less well than `ws`. */
  readonly native?: "ignores" | "does less well";
  /** Key of an endpoint in a configuration; absent: for the library only. */
  readonly key?: string;
  /** What the reference says of the key. */
  readonly doc?: string;
}

/** The row of each option of a handler. */
// deno-fmt-ignore: a table has a row in one place, whatever its length.
export const HANDLER_OPTION_TABLE = {
  endpoint: { kind: "text", default: "" },
  pool: { kind: "names", default: [],
    key: "pool", doc: "Names of processes; connections go to them in turn. Ergo: ProcessPool." },
  target: { kind: "target", default: "",
    key: "target", doc: "Name of the process that gets the connections, in place of a pool, such as `game/:room` with what the path calls `:room`." },
  handshakeTimeoutMs: { kind: "duration", least: 1, default: 15_000,
    key: "handshakeTimeout", doc: "From accepted connection to completed upgrade. The headers may take the longest of all endpoints. Ergo: HandshakeTimeout." },
  targetLost: { kind: "choice", choices: ["close", "next"], default: "close",
    key: "targetLost", doc: "When the process of a connection ends: `close` it with 1011, or hand it to the `next` one." },
  compression: { kind: "flag", default: false, native: "ignores",
    key: "compression", doc: "Offer permessage-deflate. Ergo: EnableCompression." },
  origins: { kind: "origins", default: "same-origin", live: true,
    key: "origins", doc: "Origins of web pages that may connect: `same-origin`, `*`, an origin, or a list of them. Programs that send no Origin are accepted. Ergo: CheckOrigin." },
  subprotocols: { kind: "tokens", default: [],
    key: "subprotocols", doc: "Subprotocols in the server's order of preference. Ergo: Subprotocols." },
  maxMessageBytes: { kind: "size", least: 1, default: 65_536, live: true,
    key: "maxMessageSize", doc: "Longest message; a longer one closes with 1009. Iris: MaxMessageSize." },
  readTimeoutMs: { kind: "duration", least: 0, default: 0, live: true, native: "does less well",
    key: "readTimeout", doc: "Longest time without a message, 0 for no limit. Iris: ReadTimeout." },
  writeTimeoutMs: { kind: "duration", least: 0, default: 10_000, live: true, native: "does less well",
    key: "writeTimeout", doc: "Longest time for a write to drain, 0 for no limit. Iris: WriteTimeout." },
  pingPeriodMs: { kind: "duration", least: 1, default: 54_000, live: true, native: "ignores",
    key: "pingPeriod", doc: "Time between pings, shorter than `pongTimeout`. Iris: PingPeriod." },
  pongTimeoutMs: { kind: "duration", least: 1, default: 60_000, live: true, native: "ignores",
    key: "pongTimeout", doc: "Longest wait for a pong. Iris: PongTimeout." },
  readBufferBytes: { kind: "size", least: 1, default: 4_096, native: "ignores",
    key: "readBufferSize", doc: "Read buffer of a connection, engine `ws` only. Iris: ReadBufferSize." },
  writeBufferBytes: { kind: "size", least: 1, default: 4_096, native: "ignores",
    key: "writeBufferSize", doc: "Write buffer of a connection, engine `ws` only. Iris: WriteBufferSize." },
  sendQueueBytes: { kind: "size", least: 1, default: 1_048_576, live: true,
    key: "sendQueueSize", doc: "Bytes queued to one client before it counts as slow." },
  slowConsumer: { kind: "choice", choices: ["close", "drop-oldest"], default: "close",
    key: "slowConsumer", doc: "What happens to a slow client: `close` with 4002, or drop its oldest messages." },
  maxConnections: { kind: "count", of: "connections", least: 1, default: 10_000, live: true,
    key: "maxConnections", doc: "Open connections of the endpoint; beyond: 503 with Retry-After." },
  maxConnectionsPerIp: { kind: "count", of: "connections", least: 0, default: 0, live: true,
    key: "maxConnectionsPerIp", doc: "Open connections of one address, 0 for no limit; beyond: 429." },
  maxConnectionsPerUser: { kind: "count", of: "connections", least: 0, default: 0, live: true },
  rateLimit: { kind: "rate", default: undefined, live: true, native: "does less well",
    key: "rateLimit", doc: "How fast a client may send." },
  checkOrigin: { kind: "function", default: undefined, live: true },
  accept: { kind: "function", default: undefined },
  onRefused: { kind: "function", default: undefined },
} as const satisfies { [Name in keyof Required<HandlerOptions>]: Row<HandlerOptions[Name]> };

/** A row whose default is a value that the option can have. */
type Row<Value> = OptionRow & { readonly default: Value };

/** Names of the options that can change while connections are open. */
export type LiveOption = {
  [Name in keyof typeof HANDLER_OPTION_TABLE]: (typeof HANDLER_OPTION_TABLE)[Name] extends
    { live: true } ? Name : never;
}[keyof typeof HANDLER_OPTION_TABLE];

/** Names of the options that an endpoint of a configuration has. */
export type ConfiguredOption = {
  [Name in keyof typeof HANDLER_OPTION_TABLE]: (typeof HANDLER_OPTION_TABLE)[Name] extends
    { key: string } ? Name : never;
}[keyof typeof HANDLER_OPTION_TABLE];

/** Options and their rows, in the order in which errors and the reference list them. */
export const OPTION_ROWS = Object.entries(HANDLER_OPTION_TABLE) as readonly (readonly [
  name: keyof HandlerOptions,
  row: OptionRow,
])[];

/** The row of an option; undefined for what is no option. */
export function rowOf(name: string): OptionRow | undefined {
  return Object.hasOwn(HANDLER_OPTION_TABLE, name)
    ? HANDLER_OPTION_TABLE[name as keyof HandlerOptions]
    : undefined;
}

function namesWith(property: keyof OptionRow): readonly (keyof HandlerOptions)[] {
  return OPTION_ROWS.filter(([, row]) => row[property] !== undefined).map(([name]) => name);
}

/** The names of what can change while connections are open. */
export const LIVE_OPTIONS = namesWith("live") as readonly LiveOption[];

/** The names of what an endpoint of a configuration has. */
export const CONFIGURED_OPTIONS = namesWith("key") as readonly ConfiguredOption[];
