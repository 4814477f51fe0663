/**
 * The route of taps.
 *
 * @module
 */

import * as z from "zod";
import * as fields from "../fields.ts";
import { type ApiRoute, defineRoute } from "../route.ts";
import { TAP_LIMITS } from "../tap_bounds.ts";

const NAMES = ["actor", "room", "user", "endpoint"];

/** Streams what passes. */
export const TAP_ROUTE: ApiRoute = defineRoute({
  id: "tap",
  method: "GET",
  path: "/tap",
  scope: "admin",
  summary: "What passes from and to an actor, or the connections of a room, a user or an endpoint",
  description: "Server-sent events of the messages on all nodes, at most " +
    `${TAP_LIMITS.perSecond} and 256 KiB a second; an event \`sampled\` says how many more there ` +
    "were. Tokens, cookies and other secrets are left out. Nothing is watched while nobody taps.",
  query: fields.oneOf(
    z.strictObject({
      actor: fields.named("an address or a name").optional().meta({
        description: "From and to this actor.",
      }),
      room: fields.named("the name of a room").optional().meta({
        description: "From and to the connections in this room.",
      }),
      user: fields.named("a user").optional().meta({
        description: "From and to the connections of this user.",
      }),
      endpoint: fields.named("the path of an endpoint").optional().meta({
        description: "From and to the connections of this endpoint.",
      }),
    }),
    NAMES,
  ),
  batches: false,
  answers: {
    200: {
      description: "A stream that ends when either side leaves.",
      schema: z.string(),
      mediaType: "text/event-stream",
    },
    429: { description: `There are ${TAP_LIMITS.taps} taps.` },
  },
  example: { path: "/tap?actor=echo_1" },
  run({ taps }, { query }) {
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
    return { response: new Response(taps.stream(query), { headers }) };
  },
});
