/**
 * Building blocks of the configuration schema.
 *
 * The error text of each is what was expected, in words; whoever reports a
 * problem adds the file, the key and the value.
 *
 * @module
 */

import * as z from "zod";
import {
  formatDuration,
  normalizeHost,
  parseDuration,
  parseSize,
  UNIT_PATTERNS,
} from "../text/mod.ts";

/** Texts in quotes, joined by commas. */
export function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ");
}

/** A strict object. Its error for unknown keys is the list of the known ones. */
export function object<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? Object.keys(shape).join("\n") : "an object",
  });
}

/** One of some texts. */
export function choice<const Names extends readonly [string, ...string[]]>(
  names: Names,
): z.ZodEnum<{ [Name in Names[number]]: Name }> {
  return z.enum(names, { error: `one of ${listed(names)}` });
}

/** A whole number within bounds. */
export function integer(least: number, most: number, what: string): z.ZodInt {
  const error = `${what}, a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** A text that matches a pattern. */
export function text(pattern: RegExp, error: string): z.ZodString {
  return z.string({ error }).regex(pattern, { error });
}

const ERROR_HOST = "a host name, an IPv4 address of four decimal parts, or an IPv6 address " +
  "without a zone";

/** A host name or an address, in one spelling when parsed. */
export function host(): z.ZodType<string, string> {
  return z.string({ error: ERROR_HOST })
    .refine((text) => normalizeHost(text) !== undefined, { error: ERROR_HOST })
    .transform((text) => normalizeHost(text)!);
}

/** Yes or no. */
export function flag(): z.ZodBoolean {
  return z.boolean({ error: "true or false" });
}

function withUnit(
  pattern: RegExp,
  parse: (value: unknown) => number | undefined,
  error: string,
  least: number,
  most: number,
): z.ZodType<number, string | number> {
  const written = z.union([
    z.int({ error }).min(least, { error }),
    z.string({ error }).regex(pattern, { error }),
  ], { error });
  return written.transform((value, context) => {
    const amount = parse(value);
    if (amount !== undefined && amount >= least && amount <= most) return amount;
    const isBeyond = amount !== undefined && amount > most;
    context.addIssue({ code: "custom", message: isBeyond ? `${error}, at most ${most}` : error });
    return z.NEVER;
  });
}

/** A duration; milliseconds when parsed. */
export function duration(least = 0, most = Infinity): z.ZodType<number, string | number> {
  const error = 'a duration: milliseconds, or text such as "250ms", "15s" or "2m"' +
    (least > 1 ? `, at least ${formatDuration(least)}` : least > 0 ? ", longer than zero" : "");
  return withUnit(UNIT_PATTERNS.duration, parseDuration, error, least, most);
}

/** A size; bytes when parsed. */
export function size(least = 1): z.ZodType<number, string | number> {
  const error = `a size: bytes, or text such as "512B", "64KiB" or "1MiB", at least ${least}`;
  return withUnit(UNIT_PATTERNS.size, parseSize, error, least, Infinity);
}
