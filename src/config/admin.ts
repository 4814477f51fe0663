/**
 * Schema of the operator's API: where it is, and who may use it.
 *
 * @module
 */

import * as z from "zod";
import { SCOPES } from "../http/mod.ts";
import { CONFIG_DEFAULTS as DEFAULTS } from "./defaults.ts";
import { choice, host, integer, object, text } from "./leaves.ts";
import { secret } from "./secrets.ts";
import type { AdminConfig } from "./types.ts";

const ERROR_SCOPES = "a list of at least one scope";

const token = object({
  name: text(/^[A-Za-z0-9_.-]{1,64}$/, 'a name of letters, digits, "_", "." and "-"')
    .describe("Who has it, for logs and metrics."),
  token: secret().describe(
    "The token: `env:NAME` of a variable, `file:PATH`, or itself. At least 16 characters.",
  ),
  scopes: z.array(choice(SCOPES), { error: ERROR_SCOPES }).min(1, { error: ERROR_SCOPES })
    .describe(
      "What it may do: `read`, `send` to actors and users, `publish` in rooms and topics, and " +
        "`admin`, which is all of it with closing, stopping, tapping and the log.",
    ),
});

/** The key `admin`. */
export const adminSchema: z.ZodType<AdminConfig> = object({
  hostname: host().default(DEFAULTS.adminHostname)
    .describe("Address of a listener of its own."),
  port: integer(0, 65_535, "a port").optional()
    .describe(
      "Port of a listener of its own, with API, metrics and health; 0 lets the system choose. " +
        "Without one they are on the main listener if that is on a loopback address, else nowhere.",
    ),
  hosts: z.array(host(), { error: "a list of hosts" }).default([])
    .describe("As `listen.hosts`, for a listener of its own."),
  tokens: z.array(token, { error: "a list of tokens" })
    .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, {
      error: "a list of tokens, each with a name of its own",
    })
    .default([])
    .describe("Who may use it. Without any, one is made at each start and logged once."),
});
