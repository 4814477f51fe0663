/**
 * Schema of one WebSocket endpoint.
 *
 * @module
 */

import { z } from "zod";
import { formatDuration, formatSize } from "../text/mod.ts";
import {
  compileOrigins,
  isTargetPattern,
  MAX_TIMER_MS,
  OPTION_ROWS,
  type OptionKind,
  type OptionRow,
  TARGET_PATTERN,
} from "../websocket/mod.ts";
import { CONFIG_DEFAULTS as DEFAULTS } from "./defaults.ts";
import { choice, duration, flag, integer, object, size, text } from "./leaves.ts";
import type { EndpointConfig } from "./types.ts";

const ORIGIN =
  /^(?:\*|same-origin|[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:\*\.)?(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?)$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MAX_COUNT = 1_000_000_000;

const ERROR_ORIGIN = '"same-origin", "*", an origin such as "https://example.com", or ' +
  '"https://*.example.com:8443"';
const ERROR_ORIGINS = `${ERROR_ORIGIN}, or a list of them`;
const origins = z.union([
  text(ORIGIN, ERROR_ORIGINS).refine(isOrigin, { error: ERROR_ORIGINS }),
  z.array(text(ORIGIN, ERROR_ORIGIN).refine(isOrigin, { error: ERROR_ORIGIN }), {
    error: ERROR_ORIGINS,
  }).min(1, { error: ERROR_ORIGINS }),
], { error: ERROR_ORIGINS });

function isOrigin(entry: string): boolean {
  try {
    compileOrigins(entry);
    return true;
  } catch {
    // The pattern is for the JSON Schema; the room that reads origins decides.
    return false;
  }
}

const rateLimit = object({
  messagesPerSecond: integer(1, MAX_COUNT, "a rate").describe("Messages per second."),
  burst: integer(1, MAX_COUNT, "a number of messages").describe("Messages at once."),
});

const ERROR_POOL = "a list of at least one name of a process";

/** How a configuration writes the options of each kind; their default is the row's. */
const LEAVES: Readonly<Record<OptionKind, (row: OptionRow) => z.ZodType>> = {
  duration: ({ least, default: value }) =>
    duration(least, MAX_TIMER_MS).prefault(formatDuration(value as number)),
  size: ({ least, default: value }) => size(least).prefault(formatSize(value as number)),
  count: ({ of, least = 0, default: value }) =>
    integer(least, MAX_COUNT, of === undefined ? "a number" : `a number of ${of}`).default(
      value as number,
    ),
  flag: ({ default: value }) => flag().default(value as boolean),
  choice: ({ choices, default: value }) => choice(choices!).default(value as string),
  names: ({ default: value }) =>
    z.array(z.string({ error: "the name of a process" }), { error: ERROR_POOL })
      .min(1, { error: ERROR_POOL }).default([...value as string[]]),
  target: ({ default: value }) =>
    z.string({ error: TARGET_PATTERN }).refine(isTargetPattern, { error: TARGET_PATTERN })
      .default(value as string),
  tokens: ({ default: value }) =>
    z.array(text(TOKEN, "a subprotocol: a token of RFC 9110"), {
      error: "a list of subprotocols",
    }).prefault([...value as string[]]),
  origins: ({ default: value }) => origins.default(value as string),
  rate: () => rateLimit.optional(),
  text: ({ default: value }) => z.string({ error: "a text" }).default(value as string),
  function: ({ key }) => {
    throw new Error(`Cannot read ${key} from a configuration: it is a function`);
  },
};

const shape = {
  ...Object.fromEntries(
    OPTION_ROWS.filter(([, { key }]) => key !== undefined)
      .map(([, row]) => [row.key!, LEAVES[row.kind](row).describe(row.doc!)]),
  ),
  accept: text(/./, "the path of a TypeScript or JavaScript file").optional()
    .describe(
      "File whose default export decides about each handshake, relative to this file: who it is, which process gets it, or a refusal.",
    ),
  engine: choice(["auto", "native", "ws"]).default(DEFAULTS.engine)
    .describe("What carries the frames; `auto` chooses by what the endpoint asks for."),
  eventPrefix: text(/^[^;]*:$/, 'a text without ";" that ends in ":"').default(DEFAULTS.eventPrefix)
    .describe("Prefix of event messages. Iris: EvtMessagePrefix."),
  binaryMessages: flag().default(DEFAULTS.binaryMessages)
    .describe("Send events as binary messages. Iris: BinaryMessages."),
};

const NAMES = new Map(OPTION_ROWS.map(([name, { key }]) => [key, name]));

/** One endpoint; its keys become the names of options. */
export const endpointSchema: z.ZodType<EndpointConfig> = object(shape).transform((given) =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => [NAMES.get(key) ?? key, value]),
  ) as unknown as EndpointConfig
);
