/**
 * Schema of one WebSocket endpoint.
 *
 * @module
 */

import * as z from "zod";
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
import {
  isTokenSource,
  JWT_DEFAULTS,
  KEY_ALGORITHMS,
  keyFault,
  MIN_SECRET,
  SECRET_ALGORITHMS,
} from "../auth/mod.ts";
import { CONFIG_DEFAULTS as DEFAULTS } from "./defaults.ts";
import { choice, duration, flag, integer, object, size, text } from "./leaves.ts";
import { secret } from "./secrets.ts";
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

const ERROR_SOURCE = '"bearer", "subprotocol", "cookie:NAME" or "query:NAME"';
const texts = (what: string) =>
  z.union([
    z.string({ error: `${what}, or a list of them` }).min(1),
    z.array(z.string({ error: what }).min(1)).min(1),
  ], { error: `${what}, or a list of them` });

const jwt = object({
  secret: secret().optional()
    .describe("Shared secret of `HS256`, `HS384`, `HS512`: at least 32 characters."),
  publicKey: secret().optional()
    .describe("Public key in PEM, such as `file:public.pem`, for all other algorithms."),
  jwks: z.string({ error: "a URL with https, or the path of a file" }).min(1).optional()
    .describe("Set of public keys: a URL with `https`, or a file relative to this one."),
  algorithms: z.array(choice([...SECRET_ALGORITHMS, ...KEY_ALGORITHMS]), {
    error: "a list of algorithms",
  }).min(1, { error: "a list of at least one algorithm" })
    .describe("The algorithms that tokens may have; `none` is never one."),
  issuer: texts("an issuer").optional().describe("Who must have issued the token (`iss`)."),
  audience: texts("an audience").optional().describe("For whom the token must be (`aud`)."),
  claim: text(/./, "the name of a claim").default(JWT_DEFAULTS.claim)
    .describe("The claim that names the user."),
  from: z.array(z.string({ error: ERROR_SOURCE }).refine(isTokenSource, { error: ERROR_SOURCE }), {
    error: `a list of ${ERROR_SOURCE}`,
  }).min(1, { error: `a list of ${ERROR_SOURCE}` }).default([...JWT_DEFAULTS.from])
    .describe(
      "Where the token is looked for: `bearer` (the header `Authorization`), `cookie:NAME`, " +
        "`query:NAME`, `subprotocol` (one that is offered as `bearer.TOKEN`).",
    ),
  leeway: duration().prefault(formatDuration(JWT_DEFAULTS.leewayMs))
    .describe("By how much the clocks may differ."),
}).superRefine(({ secret, publicKey, jwks, algorithms }, context) => {
  // What the secret itself is gets known when it is read.
  const shown = secret === undefined ? undefined : "x".repeat(MIN_SECRET);
  const key = publicKey === undefined ? undefined : "";
  const fault = keyFault({
    ...shown !== undefined && { secret: shown },
    ...key !== undefined && { publicKey: key },
    ...jwks !== undefined && { jwks },
    algorithms,
  });
  // Of a key of its own: what is wrong is shown, and the secret is not.
  if (fault !== undefined) {
    context.addIssue({ code: "custom", path: ["algorithms"], message: fault });
  }
}).transform(({ leeway, ...rest }) => ({ ...rest, leewayMs: leeway }));

const auth = object({
  jwt: jwt.describe("Lets in who shows a good JSON Web Token; others get 401."),
}).optional().describe("Who may connect.");

const users = object({
  maxConnections: integer(0, MAX_COUNT, "a number of connections").default(0)
    .describe("Open connections of one user, 0 for no limit; one more is closed with 4504."),
}).prefault({}).describe("What each user may do; without `auth` nobody is one.");

const NAMES = new Map(OPTION_ROWS.map(([name, { key }]) => [key, name]));

/** One endpoint; its keys become the names of options. */
export const endpointSchema: z.ZodType<EndpointConfig> = object({ ...shape, auth, users })
  .transform(({ auth, users, ...given }) =>
    ({
      ...Object.fromEntries(
        Object.entries(given).map(([key, value]) => [NAMES.get(key) ?? key, value]),
      ),
      ...auth !== undefined && { auth },
      users,
    }) as unknown as EndpointConfig
  );
