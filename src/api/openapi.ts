/**
 * The API as an OpenAPI document (version 3.1).
 *
 * @module
 */

import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";
import * as z from "zod";
import { PROBLEM_TYPE } from "../http/mod.ts";
import type { AnswerDoc, ApiRoute } from "./route.ts";

/** Where the API is. */
export const API_BASE = "/api/v1";

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({
    path: z.string().meta({ description: "The field: empty for the whole." }),
    message: z.string().meta({ description: "What was wrong, or what was expected." }),
  })).optional(),
  result: z.string().optional(),
}).meta({ id: "Problem", description: "What went wrong (RFC 9457)." });

/** Statuses that every route has. */
const COMMON: Readonly<Record<number, AnswerDoc>> = {
  401: { description: "The token is missing or not known." },
  403: { description: "The token has not the scope, or a page of another origin asks." },
  421: { description: "The host is not known to be this server." },
  422: { description: "A field is wrong; `errors` names it." },
  429: { description: "Too many requests." },
};

/** Of routes that read something of the path or of a body. */
const UNREADABLE: Readonly<Record<number, AnswerDoc>> = {
  400: { description: "The path or the body cannot be read." },
};

const BODY: Readonly<Record<number, AnswerDoc>> = {
  413: { description: "The body is too long." },
  415: { description: "The body is not of type application/json." },
};

function responsesOf({ answers, body, params }: ApiRoute): ZodOpenApiOperationObject["responses"] {
  const all = {
    ...params === undefined && body === undefined ? {} : UNREADABLE,
    ...COMMON,
    ...body === undefined ? {} : BODY,
    ...answers,
  };
  return Object.fromEntries(
    Object.entries(all).map(([status, { description, schema, mediaType }]) => {
      const type = schema === undefined ? PROBLEM_TYPE : mediaType ?? "application/json";
      const content = { [type]: { schema: schema ?? problemSchema } };
      return [status as `${1 | 2 | 3 | 4 | 5}${string}`, { description, content }];
    }),
  );
}

function operationOf(route: ApiRoute): ZodOpenApiOperationObject {
  const { id, summary, description, params, query, body, scope } = route;
  return {
    operationId: id,
    summary,
    ...description === undefined ? {} : { description },
    ...params || query
      ? { requestParams: { ...params && { path: params }, ...query && { query } } }
      : {},
    ...body === undefined ? {} : {
      requestBody: { required: true, content: { "application/json": { schema: body } } },
    },
    responses: responsesOf(route),
    security: [{ token: [] }],
    "x-scope": scope,
  } as ZodOpenApiOperationObject;
}

/** The document of some routes. */
export function createOpenApi(routes: readonly ApiRoute[], version: string): unknown {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const place = paths[route.path] ??= {};
    place[route.method.toLowerCase() as "get"] = operationOf(route);
  }
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "Troupe",
      version,
      description: "Asks and steers a server from outside.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: API_BASE }],
    paths,
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
  });
}
