/**
 * What other processes send to a topics process.
 *
 * @module
 */

import * as z from "zod";
import { showValue } from "../text/mod.ts";
import { isSendableCloseCode, MAX_CLOSE_REASON_BYTES } from "../websocket/mod.ts";

/** Code and reason of the close frames to all clients (seed 004: CloseMessage). */
export interface CloseClientsOptions {
  /** Default 1000. */
  readonly code?: number | undefined;
  /** At most 123 bytes of UTF-8. Default empty. */
  readonly reason?: string | undefined;
}

/**
 * Publishes to all subscribers of a declared topic. In a call the reply is how
 * many they are.
 */
export interface PublishCommand {
  /** Tells it from other messages. */
  readonly kind: "publish";
  /**
   * Whose clients: `"cluster"`, those of all nodes where a topics process of the same name runs;
   * `"node"`, those of the process that gets it. Default `"cluster"`.
   */
  readonly scope?: "node" | "cluster" | undefined;
  /** Declared with `topics`. */
  readonly topic: string;
  /** Anything that JSON can carry. */
  readonly data?: unknown;
}

/**
 * Closes the connections of all clients (seed 004: CloseClientConnections). In
 * a call the reply is how many they are.
 */
export interface CloseClientsCommand extends CloseClientsOptions {
  /** Tells it from other messages. */
  readonly kind: "closeClientConnections";
  /** As of {@linkcode PublishCommand}. */
  readonly scope?: "node" | "cluster" | undefined;
  /** Identity of the span that asks, as a `traceparent` text: its parent. Default none. */
  readonly trace?: string | undefined;
}

/** Asks for the topics that are there. In a call the reply is a list of {@linkcode TopicInfo}. */
export interface ListTopicsCommand {
  /** Tells it from other messages. */
  readonly kind: "topics";
  /** As of {@linkcode PublishCommand}. */
  readonly scope?: "node" | "cluster" | undefined;
}

/** A topic as plain data. */
export interface TopicInfo {
  /** Its name. */
  readonly topic: string;
  /** How many clients are subscribed to it. */
  readonly subscribers: number;
}

/** What other processes send to a topics process. */
export type TopicsCommand = PublishCommand | CloseClientsCommand | ListTopicsCommand;

/** What topics processes provide: they take {@linkcode TopicsCommand}s. */
export const TOPICS = "topics";

const ERROR_CODE = "expected a code that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999";
const ERROR_REASON = `expected a text of at most ${MAX_CLOSE_REASON_BYTES} bytes`;

const scope = z.enum(["node", "cluster"], { error: 'expected "node" or "cluster"' }).optional();

const commandSchema: z.ZodType<TopicsCommand> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("publish"),
    topic: z.string({ error: "expected a text" }),
    data: z.unknown().optional(),
    scope,
  }),
  z.object({
    kind: z.literal("closeClientConnections"),
    code: z.number({ error: ERROR_CODE }).refine(isSendableCloseCode, { error: ERROR_CODE })
      .optional(),
    trace: z.string({ error: "expected a text" }).optional(),
    reason: z.string({ error: ERROR_REASON }).refine(isShort, { error: ERROR_REASON }).optional(),
    scope,
  }),
  z.object({ kind: z.literal("topics"), scope }),
], { error: 'expected kind "publish", "closeClientConnections" or "topics"' });

function isShort(reason: string): boolean {
  return new TextEncoder().encode(reason).byteLength <= MAX_CLOSE_REASON_BYTES;
}

/**
 * Checks a message to a topics process.
 *
 * @throws {TypeError} If it is no command.
 */
export function parseCommand(message: unknown): TopicsCommand {
  const parsed = commandSchema.safeParse(message);
  if (parsed.success) return parsed.data;
  const { path, message: why } = parsed.error.issues[0]!;
  const field = path.join(".");
  const given = field === "" ? message : (message as Record<string, unknown>)[field];
  const got = showValue(given);
  throw new TypeError(
    `Cannot handle the message to topics: ${field === "" ? "" : `${field}: `}${why}, got ${got}`,
  );
}
