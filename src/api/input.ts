/**
 * What a request gives, checked.
 *
 * @module
 */

import type * as z from "zod";
import { ApiError } from "./error.ts";

/** The headers that say whose trace a request is part of. */
export function traceHeaders(headers: Headers): Record<string, string> {
  const names = ["traceparent", "tracestate"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  }));
}

/** Each parameter once. */
export function readQuery(search: URLSearchParams): Record<string, string> {
  const names = [...search.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const errors = [{ path: twice, message: "given more than once" }];
    throw new ApiError(422, `${twice} is given more than once`, { errors });
  }
  return Object.fromEntries(search);
}

/** The value as a schema reads it; without a schema there must be nothing. */
export function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) {
    if (value === undefined || Object.keys(value as object).length === 0) return value;
    const [path = ""] = Object.keys(value as object);
    throw new ApiError(422, `${path} is not known here`, {
      errors: [{ path, message: "is not known here" }],
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    path: path.map(String).filter((part) => part !== "").join("."),
    message,
  }));
  const [{ path, message }] = errors as [{ path: string; message: string }];
  throw new ApiError(422, path === "" ? message : `${path}: expected ${message}`, { errors });
}
