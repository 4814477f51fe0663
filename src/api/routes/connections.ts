/**
 * Routes that find connections and close them.
 *
 * @module
 */

import * as z from "zod";
import { parseIdentity } from "../../actor/mod.ts";
import { compareTexts } from "../../text/mod.ts";
import * as fields from "../fields.ts";
import type { ConnectionRow } from "../questions.ts";
import { type ApiRoute, defineRoute } from "../route.ts";
import { missingNodes } from "./answer_docs.ts";

const FILTER = {
  endpoint: fields.named("the path of an endpoint").optional().meta({
    description: "Only those of this endpoint.",
  }),
  user: fields.named("a user").optional().meta({
    description: "Only those of this user: the subject of their token.",
  }),
  ip: fields.named("an address").optional().meta({ description: "Only those from this address." }),
};

const connection = z.object({
  id: z.string(),
  node: z.string(),
  endpoint: z.string(),
  remoteAddr: z.string(),
  user: z.string(),
  openMs: z.int(),
}).meta({ id: "Connection" });

/** Nodes in the order of their names, each with its connections in that of their creation. */
function compareRows(one: ConnectionRow, other: ConnectionRow): number {
  return compareTexts(one.node, other.node) ||
    (parseIdentity(one.id)?.counter ?? 0) - (parseIdentity(other.id)?.counter ?? 0);
}

const list = defineRoute({
  id: "listConnections",
  method: "GET",
  path: "/connections",
  scope: "read",
  summary: "A window of the open connections",
  query: z.strictObject({ ...FILTER, limit: fields.limit, after: fields.after }),
  answers: {
    200: {
      description: "Some of the connections.",
      schema: z.object({ connections: z.array(connection), missing: missingNodes })
        .meta({ id: "Connections" }),
    },
  },
  example: { path: "/connections?endpoint=/ws&limit=10" },
  async run(api, { query: { after, ...query } }) {
    const cursor = after === undefined ? undefined : parseIdentity(after)?.node;
    const nodes = [...api.nodes].toSorted(compareTexts)
      .filter((node) => cursor === undefined || node >= cursor);
    const gathered = await Promise.all(nodes.map((node) => {
      const from = node === cursor ? after : undefined;
      return api.ask<ConnectionRow[]>({ kind: "connections", ...query, after: from }, [node]);
    }));
    const connections = gathered.flatMap(({ answers }) => answers.flat()).toSorted(compareRows)
      .slice(0, query.limit);
    const missing = gathered.flatMap((each) => each.missing);
    return { status: 200, body: { connections, missing } };
  },
});

const close = defineRoute({
  id: "closeConnections",
  method: "DELETE",
  path: "/connections",
  scope: "admin",
  summary: "Close all connections of a user, an address or an endpoint",
  query: z.strictObject({
    ...FILTER,
    code: fields.closeCode,
    reason: fields.closeReason,
  }).refine(({ endpoint, user, ip }) => (endpoint ?? user ?? ip) !== undefined, {
    // All of them at once is nothing that a forgotten word should do.
    error: "at least one of endpoint, user, ip",
    path: ["user"],
  }),
  answers: {
    200: {
      description: "How many are being closed.",
      schema: z.object({ closed: z.int(), missing: missingNodes }).meta({ id: "Closed" }),
    },
  },
  example: { path: "/connections?user=mallory&reason=bye" },
  async run(api, { query, trace }) {
    const { answers, missing } = await api.ask<number>({ kind: "close", ...query, trace });
    return { status: 200, body: { closed: answers.reduce((sum, each) => sum + each, 0), missing } };
  },
});

/** In the order of the reference. */
export const CONNECTION_ROUTES: readonly ApiRoute[] = [list, close];
