/**
 * Schema of webhooks.
 *
 * @module
 */

import * as z from "zod";
import { formatDuration } from "../text/mod.ts";
import { WEBHOOK_DEFAULTS as DEFAULTS, WEBHOOK_EVENTS } from "../webhooks/mod.ts";
import { choice, duration, flag, integer, object } from "./leaves.ts";
import { secret } from "./secrets.ts";
import type { WebhooksConfig } from "./types.ts";

const ERROR_URL = "a URL that starts with http:// or https://";
const ERROR_EVENTS = "a list of at least one event";
const MAX_ATTEMPTS = 100;

/** The key `webhooks`. */
export const webhooksSchema: z.ZodType<WebhooksConfig> = object({
  url: z.string({ error: ERROR_URL })
    .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), { error: ERROR_URL })
    .describe("Address of the receiver. Redirects are not followed."),
  secret: secret().describe(
    "Key of the signatures (Standard Webhooks), in base64, with or without `whsec_`.",
  ),
  events: z.array(choice(WEBHOOK_EVENTS), { error: ERROR_EVENTS }).min(1, { error: ERROR_EVENTS })
    .describe(
      "`connect` is asked before the upgrade; `disconnect`, and `occupied` and `vacated` of rooms, " +
        "are told after.",
    ),
  timeout: duration(1).prefault(formatDuration(DEFAULTS.timeoutMs))
    .describe("Time for one answer."),
  onFailure: choice(["refuse", "allow"]).default(DEFAULTS.onFailure)
    .describe(
      "A handshake that the receiver does not answer: `refuse` it with 503, or `allow` it.",
    ),
  retry: object({
    attempts: integer(1, MAX_ATTEMPTS, "a number of attempts").default(DEFAULTS.attempts)
      .describe("How often an event is sent, at most."),
    delay: duration(1).prefault(formatDuration(DEFAULTS.retryDelayMs))
      .describe("From the first attempt to the second; it doubles, up to 30 s."),
  }).prefault({}).describe("How events are sent again."),
  allowPrivate: flag().default(DEFAULTS.allowPrivate)
    .describe("The receiver may have an address of this machine or of a private network."),
}).transform(({ timeout, retry, ...rest }) => ({
  ...rest,
  timeoutMs: timeout,
  attempts: retry.attempts,
  retryDelayMs: retry.delay,
}));
