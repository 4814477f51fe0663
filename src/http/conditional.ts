/**
 * Conditional requests for files that have an entity tag and no date (RFC 9110, section 13).
 *
 * @module
 */

import * as untyped from "@std/http/etag";
import { trimSpace } from "../websocket/mod.ts";

const { eTag, ifMatch, ifNoneMatch }: {
  eTag(entity: string): Promise<string>;
  ifMatch(list: string, etag: string): boolean;
  ifNoneMatch(list: string, etag: string): boolean;
} = untyped;

/** What a request's conditions say of an answer: send it, 304, or 412. */
export type Preconditions = "passed" | "not_modified" | "failed";

/** A strong entity tag of a content, with its quotes. */
export function computeEntityTag(content: string): Promise<string> {
  return eTag(content);
}

/**
 * Evaluates the conditions of a `GET` or `HEAD` in their order (RFC 9110, section
 * 13.2.2). Dates are passed over, as they are to be where no date is known, and so
 * is `If-Range`, since no part of a file is sent.
 *
 * @param header Value of a header by its name in lower case; lists joined by commas.
 * @param etag Of what would be sent, with its quotes; it has no comma.
 */
export function evaluatePreconditions(
  header: (name: string) => string | null,
  etag: string,
): Preconditions {
  const expected = header("if-match");
  if (expected !== null && !ifMatch(toTags(expected), etag)) return "failed";
  const known = header("if-none-match");
  if (known === null || ifNoneMatch(toTags(known), etag)) return "passed";
  return "not_modified";
}

/** An entity tag; with a comma or beyond ASCII it is none of ours. */
const TAG = /^(?:W\/)?"[\x21\x23-\x2b\x2d-\x7e]*"$/;

/**
 * The tags of a list, or `*`, with a comma alone between. The library splits at a
 * comma with spaces around it, for time that grows with the square of many spaces.
 */
function toTags(list: string): string {
  const elements = list.split(",").map(trimSpace);
  if (elements.length === 1 && elements[0] === "*") return "*";
  return elements.filter((element) => TAG.test(element)).join(",");
}
