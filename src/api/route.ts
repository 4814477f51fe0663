/**
 * What a route of the API is.
 *
 * @module
 */

import type * as z from "zod";
import type { RouteKey, Scope } from "../http/mod.ts";
import type { Api } from "./core.ts";

export { ApiError } from "./error.ts";

/** An answer as plain data, or as a response of its own kind. */
export type Answer =
  | { readonly status: number; readonly body: unknown }
  | { readonly response: Response };

/** What an answer is, for the document. */
export interface AnswerDoc {
  readonly description: string;
  /** Absent: a problem. */
  readonly schema?: z.ZodType;
  /** Default `application/json`. */
  readonly mediaType?: string;
}

/** What a route was asked. */
export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Answers one request of a batch, as whoever sent the batch. */
  readonly dispatch: Dispatch;
  /** Span of the request, as a `traceparent` text; only while it is recorded. */
  readonly trace: string | undefined;
}

/** Answers a request whose path is relative to that of the API. */
export type Dispatch = (
  request: { readonly method: string; readonly path: string; readonly body?: unknown },
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** One route: where it is, who may use it, what it takes, gives, and does. */
export interface ApiRoute extends RouteKey {
  /** Name of the operation. */
  readonly id: string;
  readonly scope: Scope | "none";
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, AnswerDoc>>;
  /** False: not within a batch. */
  readonly batches?: false;
  /** An example: the path as it is asked, and the body. */
  readonly example: { readonly path: string; readonly body?: unknown };
  run(api: Api, input: Input): Answer | Promise<Answer>;
}

/** Parsed input of a route, by its schemas. */
interface InputOf<P, Q, B> extends Omit<Input, "params" | "query" | "body"> {
  readonly params: P extends z.ZodType ? z.output<P> : unknown;
  readonly query: Q extends z.ZodType ? z.output<Q> : unknown;
  readonly body: B extends z.ZodType ? z.output<B> : unknown;
}

/** Makes a route whose function is given what its schemas say. */
export function defineRoute<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  route: Omit<ApiRoute, "params" | "query" | "body" | "run"> & {
    readonly params?: P;
    readonly query?: Q;
    readonly body?: B;
    run(api: Api, input: InputOf<P, Q, B>): Answer | Promise<Answer>;
  },
): ApiRoute {
  return route as unknown as ApiRoute;
}
