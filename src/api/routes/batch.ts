/**
 * Several requests in one.
 *
 * @module
 */

import * as z from "zod";
import { type ApiRoute, defineRoute } from "../route.ts";

/** Requests of one batch. */
export const MAX_BATCH = 100;

const single = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "DELETE"], { error: "one of GET, POST, PUT, DELETE" }),
  path: z.string({ error: "a path below /api/v1, such as /rooms/lobby/publish" })
    .regex(/^\/[^/]/, { error: "a path below /api/v1, such as /rooms/lobby/publish" }).max(4_096),
  body: z.unknown().optional(),
}).meta({ id: "BatchRequest" });

/** The route of batches. */
export const BATCH_ROUTE: ApiRoute = defineRoute({
  id: "batch",
  method: "POST",
  path: "/batch",
  // Each of its requests needs the scope of its own.
  scope: "none",
  summary: "Up to 100 requests, one after the other, each with its result",
  body: z.strictObject({
    requests: z.array(single, { error: "a list of requests" }).min(1).max(MAX_BATCH, {
      error: `at most ${MAX_BATCH} requests`,
    }),
  }).meta({ id: "Batch" }),
  batches: false,
  answers: {
    200: {
      description: "The results, in the order of the requests.",
      schema: z.object({
        results: z.array(z.object({ status: z.int(), body: z.unknown() })),
      }).meta({ id: "BatchResults" }),
    },
  },
  example: {
    path: "/batch",
    body: {
      requests: [
        { method: "GET", path: "/nodes" },
        { method: "POST", path: "/rooms/lobby/publish", body: { event: "news", data: 1 } },
      ],
    },
  },
  async run(_, { body, dispatch }) {
    const results = [];
    for (const request of body.requests) results.push(await dispatch(request));
    return { status: 200, body: { results } };
  },
});
