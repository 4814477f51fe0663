/**
 * Errors as problem details (RFC 9457).
 *
 * @module
 */

import { STATUS_TEXT, type StatusCode } from "@std/http/status";

/** What is told of an error besides its status. */
export interface ProblemDetails {
  /** What is wrong with this very request. */
  readonly detail: string;
  /** Further members, such as `errors`. */
  readonly [member: string]: unknown;
}

/** The body of a problem. */
export interface ProblemBody extends ProblemDetails {
  /** Always `"about:blank"`: the status says what kind of problem it is. */
  readonly type: string;
  /** The name of the status. */
  readonly title: string;
  /** The status. */
  readonly status: number;
}

/** Media type of problems. */
export const PROBLEM_TYPE = "application/problem+json";

/** The body of a problem, as plain data. */
export function problemBody(status: number, details: ProblemDetails): ProblemBody {
  const title = STATUS_TEXT[status as StatusCode] ?? "Error";
  return { type: "about:blank", title, status, ...details };
}

/** A response with a problem in it. */
export function problem(
  status: number,
  details: ProblemDetails,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${JSON.stringify(problemBody(status, details))}\n`, {
    status,
    headers: { "content-type": PROBLEM_TYPE, "cache-control": "no-store", ...headers },
  });
}
