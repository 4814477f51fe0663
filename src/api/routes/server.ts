/**
 * Routes about the server itself: nodes, information, the log.
 *
 * @module
 */

import * as z from "zod";
import type { Api } from "../core.ts";
import * as fields from "../fields.ts";
import { LEVELS, type LogLine } from "../host.ts";
import { toJson } from "../messages.ts";
import { ApiError, type ApiRoute, defineRoute } from "../route.ts";
import { missingNodes } from "./answer_docs.ts";

/** Longest time that a level lasts, and the usual one. */
const LEVEL_MOST_MS = 86_400_000;
const LEVEL_DEFAULT = "10m";

const record = z.record(z.string(), z.unknown());

const NO_NODE = { description: "There is no such node." };

const nodeName = fields.named("the name of a node").optional().meta({
  description: "Only of this node.",
});

/** @throws {ApiError} If there is no such node. */
function knownNode(api: Api, node: string): string {
  if (api.nodes.includes(node)) return node;
  throw new ApiError(404, `There is no node ${JSON.stringify(node)}`);
}

function ownLogs(): ApiError {
  return new ApiError(501, "The program that runs this server has logs of its own");
}

const nodes = defineRoute({
  id: "listNodes",
  method: "GET",
  path: "/nodes",
  scope: "read",
  summary: "The nodes of the cluster",
  answers: {
    200: {
      description: "Each node, this one first.",
      schema: z.object({ nodes: z.array(record), missing: missingNodes }).meta({ id: "Nodes" }),
    },
  },
  example: { path: "/nodes" },
  async run(api) {
    const { answers, missing } = await api.ask<unknown>({ kind: "node" });
    return { status: 200, body: { nodes: answers.map((each) => toJson(each)), missing } };
  },
});

const info = defineRoute({
  id: "info",
  method: "GET",
  path: "/info",
  scope: "read",
  summary: "Versions, engines and the configuration, without secrets",
  answers: { 200: { description: "This server.", schema: record.meta({ id: "Info" }) } },
  example: { path: "/info" },
  run: ({ host }) => ({ status: 200, body: toJson(host.info()) }),
});

const logLevel = defineRoute({
  id: "setLogLevel",
  method: "PUT",
  path: "/log/level",
  scope: "admin",
  summary: "Set the level of a logger of all nodes, or of one, for a time",
  body: z.strictObject({
    level: z.enum(LEVELS, { error: `one of ${LEVELS.join(", ")}` }),
    logger: z.string({ error: "a category such as troupe.websocket" })
      .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/, {
        error: "a category such as troupe.websocket",
      }).max(200).optional()
      .meta({ description: "Category of the logger, joined by dots. Default: all." }),
    node: nodeName,
    for: fields.duration(LEVEL_MOST_MS, "a time").prefault(LEVEL_DEFAULT).meta({
      description: "After this time it is as it was before.",
    }),
  }).meta({ id: "LogLevel" }),
  answers: {
    200: {
      description: "The level is in force.",
      schema: z.object({
        logger: z.string(),
        level: z.string(),
        until: z.string(),
        nodes: z.int(),
        missing: missingNodes,
      }).meta({ id: "LogLevelSet" }),
    },
    404: NO_NODE,
    501: { description: "The program that runs the server has its own logs." },
  },
  example: { path: "/log/level", body: { level: "debug", logger: "troupe.websocket", for: "5m" } },
  async run(api, { body: { level, logger = "", node, for: forMs } }) {
    const question = { kind: "logLevel", logger, level, forMs } as const;
    const nodes = node === undefined ? api.nodes : [knownNode(api, node)];
    const { answers, missing } = await api.ask<string | null>(question, nodes);
    const set = answers.filter((until) => until !== null);
    const [until] = set;
    if (until === undefined) throw ownLogs();
    return { status: 200, body: { logger, level, until, nodes: set.length, missing } };
  },
});

const logLines = defineRoute({
  id: "log",
  method: "GET",
  path: "/log",
  scope: "admin",
  summary: "The last lines of the log of this node, or of another one",
  query: z.strictObject({ limit: fields.limit, node: nodeName }),
  answers: {
    200: {
      description: "The lines, the oldest first.",
      schema: z.object({
        lines: z.array(z.object({
          index: z.int(),
          level: z.string(),
          logger: z.string(),
          at: z.string(),
          text: z.string(),
        })),
      }).meta({ id: "Log" }),
    },
    404: NO_NODE,
    501: { description: "The program that runs the server has its own logs." },
    503: { description: "The node did not answer." },
  },
  example: { path: "/log?limit=10" },
  async run(api, { query: { limit, node = api.host.node.name } }) {
    const { answers: [lines] } = await api.ask<readonly LogLine[] | null>(
      { kind: "log", limit },
      [knownNode(api, node)],
    );
    if (lines === undefined) throw new ApiError(503, `Node ${JSON.stringify(node)} did not answer`);
    if (lines === null) throw ownLogs();
    return { status: 200, body: { lines } };
  },
});

/** In the order of the reference. */
export const SERVER_ROUTES: readonly ApiRoute[] = [nodes, info, logLines, logLevel];
