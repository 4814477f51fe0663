/**
 * What the API asks of the server that it is part of.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import type { ListedConnection, ListFilter } from "../websocket/mod.ts";

/** Endpoints whose connections can be listed and closed. */
export interface ApiEndpoint {
  /** Its path. */
  readonly path: string;
  /** How many are open. */
  readonly connections: number;
  /** Those of its open connections that are meant, in the order in which they were opened. */
  list(filter?: ListFilter): Iterable<ListedConnection>;
  /** Whether a meta-process is one of them. */
  has(behavior: object): boolean;
}

/** Levels of a log, from the most talkative. */
export const LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;

/** A level of a log. */
export type Level = (typeof LEVELS)[number];

/** One line of the log, as the dashboard shows it. */
export interface LogLine {
  /** Position in the log, from 1. */
  readonly index: number;
  readonly level: string;
  /** Category, joined by dots. */
  readonly logger: string;
  /** RFC 3339 in UTC. */
  readonly at: string;
  readonly text: string;
}

/** The logs of the program, where it has given them. */
export interface ApiLogs {
  /** Sets the level of a category, or of all for an empty one; returns what undoes that. */
  setLevel(category: readonly string[], level: Level): () => void;
  /** The last lines after one, at most so many. */
  lines(after: number, limit: number): readonly LogLine[];
}

/** What the API asks of its server. */
export interface ApiHost {
  readonly node: Node;
  readonly endpoints: readonly ApiEndpoint[];
  /** What `/info` tells: plain data without secrets. */
  info(): Readonly<Record<string, unknown>>;
  /** Names of the other nodes that are there. Default: none. */
  peers?(): readonly string[];
  readonly logs?: ApiLogs | undefined;
}

/** Name of the process that answers the questions of other nodes. */
export const API_PROCESS = "troupe.api";

/** What processes with rooms, and those with topics, provide. */
export const SERVICES = Object.freeze({ rooms: "rooms", topics: "topics" });
