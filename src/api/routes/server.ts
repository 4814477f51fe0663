/**
 * Routes about the server itself: nodes, information, the log.
 *
 * @module
 */

import { z } from "zod";
import * as fields from "../fields.ts";
import { LEVELS } from "../host.ts";
import { toJson } from "../messages.ts";
import { ApiError, type ApiRoute, defineRoute } from "../route.ts";
import { missingNodes } from "./answer_docs.ts";

/** Longest time that a level lasts, and the usual one. */
const LEVEL_MOST_MS = 86_400_000;
const LEVEL_DEFAULT = "10m";

const record = z.record(z.string(), z.unknown());

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
  summary: "Set the level of a logger of this node, for a time",
  body: z.strictObject({
    level: z.enum(LEVELS, { error: `one of ${LEVELS.join(", ")}` }),
    logger: z.string({ error: "a category such as troupe.websocket" })
      .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/, {
        error: "a category such as troupe.websocket",
      }).max(200).optional()
      .meta({ description: "Category of the logger, joined by dots. Default: all." }),
    for: fields.duration(LEVEL_MOST_MS, "a time").prefault(LEVEL_DEFAULT).meta({
      description: "After this time it is as it was before.",
    }),
  }).meta({ id: "LogLevel" }),
  answers: {
    200: {
      description: "The level is in force.",
      schema: z.object({ logger: z.string(), level: z.string(), until: z.string() })
        .meta({ id: "LogLevelSet" }),
    },
    501: { description: "The program that runs the server has its own logs." },
  },
  example: { path: "/log/level", body: { level: "debug", logger: "troupe.websocket", for: "5m" } },
  run({ levels }, { body: { level, logger = "", for: forMs } }) {
    const until = levels.set(logger, level, forMs);
    if (until === undefined) {
      throw new ApiError(501, "The program that runs this server has logs of its own");
    }
    return { status: 200, body: { logger, level, until } };
  },
});

const logLines = defineRoute({
  id: "log",
  method: "GET",
  path: "/log",
  scope: "admin",
  summary: "The last lines of the log of this node",
  query: z.strictObject({ limit: fields.limit }),
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
    501: { description: "The program that runs the server has its own logs." },
  },
  example: { path: "/log?limit=10" },
  run({ host: { logs } }, { query }) {
    if (logs === undefined) {
      throw new ApiError(501, "The program that runs this server has logs of its own");
    }
    return { status: 200, body: { lines: logs.lines(0, query.limit) } };
  },
});

/** In the order of the reference. */
export const SERVER_ROUTES: readonly ApiRoute[] = [nodes, info, logLines, logLevel];
