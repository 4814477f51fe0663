/**
 * Fields of requests and answers, as schemas: what is checked and what the document says.
 *
 * @module
 */

import * as z from "zod";
import { CLOSE_CODES, isSendableCloseCode, MAX_CLOSE_REASON_BYTES } from "../websocket/mod.ts";
import { byteLength, parseDuration, UNIT_PATTERNS } from "../text/mod.ts";

/** Most rows of one answer. */
export const MAX_ROWS = 1_000;

/** Longest text in a path or a query, in UTF-16 units. */
const MAX_TEXT = 1_024;

/** A text that names something. */
export function named(what: string): z.ZodString {
  const error = `${what}, of 1 to ${MAX_TEXT} characters`;
  return z.string({ error }).min(1, { error }).max(MAX_TEXT, { error });
}

/** A number in a query. */
function count(least: number, most: number): z.ZodType<number, unknown> {
  const error = `a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

/** How many rows an answer has. */
export const limit: z.ZodType<number, unknown> = count(1, MAX_ROWS).default(50).meta({
  description: "Rows of the answer, at most.",
  override: { type: "integer", minimum: 1, maximum: MAX_ROWS, default: 50 },
});

/** Where a window begins. */
export const after = named("the last one of the window before").optional().meta({
  description: "The last one of the window before; what comes after it is listed.",
});

/** Names that begin with it. */
export const prefix = named("the beginning of a name").optional().meta({
  description: "Only names that begin with it.",
});

/** A time in a query or a body, milliseconds when parsed. */
export function duration(mostMs: number, what: string): z.ZodType<number, string> {
  const error = `${what} such as "250ms", "15s" or "2m", at most ${mostMs} ms`;
  return z.string({ error }).regex(UNIT_PATTERNS.duration, { error })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== undefined && ms > 0 && ms <= mostMs) return ms;
      context.addIssue({ code: "custom", message: error });
      return z.NEVER;
    });
}

/** Code of a close frame. */
export const closeCode: z.ZodType<number, unknown> = (() => {
  const error = "a code that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999";
  return z.coerce.number({ error }).refine(isSendableCloseCode, { error })
    .default(CLOSE_CODES.kicked.code).meta({
      description: "Code of the close frame; 4503, kicked, by default.",
      override: { type: "integer", minimum: 1000, maximum: 4999, default: CLOSE_CODES.kicked.code },
    });
})();

/** Reason of a close frame. */
export const closeReason: z.ZodType<string, string | undefined> = (() => {
  const error = `a text of at most ${MAX_CLOSE_REASON_BYTES} bytes`;
  return z.string({ error })
    .refine((text) => byteLength(text) <= MAX_CLOSE_REASON_BYTES, { error })
    .default(CLOSE_CODES.kicked.name)
    .meta({
      description: `Reason of the close frame, of at most ${MAX_CLOSE_REASON_BYTES} bytes.`,
    });
})();

/** The identity of an actor or its name. */
export const target = named("an address such as <node/…/7> or Alias#<…>, or a name").meta({
  description: "An address (`<…>` of a process, `Alias#<…>` of a connection) or the name of a " +
    "process, encoded for a path.",
  example: "board",
});

const bytes = z.base64({ error: "bytes in base64" });

/** A message to a client, in one of three forms. */
export const WEBSOCKET_FORMS = {
  text: z.string({ error: "a text" }).optional().meta({ description: "A text message." }),
  base64: bytes.optional().meta({ description: "A binary message, in base64." }),
  json: z.unknown().optional().meta({ description: "Any value: a text message with its JSON." }),
};

/** Names of the forms of a message to a client. */
export type WebSocketForm = keyof typeof WEBSOCKET_FORMS;

/** A message to a client, as it was given. */
export interface GivenMessage {
  readonly text?: string | undefined;
  readonly base64?: string | undefined;
  readonly json?: unknown;
}

/** Which of some keys a body has. */
export function formsIn(body: object, forms: readonly string[]): string[] {
  return forms.filter((form) => Object.hasOwn(body, form));
}

/** Refuses a body that has not exactly one of some keys. */
export function oneOf<S extends z.ZodObject>(schema: S, forms: readonly string[]): S {
  const error = `exactly one of ${forms.join(", ")}`;
  return schema.refine((body) => formsIn(body as object, forms).length === 1, { error });
}

/** Ids that do not get a publication. */
export const except = z.array(z.string({ error: "the id of a connection" }), {
  error: "a list of ids",
}).max(10_000).optional().meta({ description: "Ids of connections that do not get it." });
