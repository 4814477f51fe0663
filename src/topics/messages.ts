/**
 * The messages of the topics protocol (seed 004): constants, schemas, types.
 *
 * Field names and values are those of the seed, so that its clients work here.
 *
 * @module
 */

import * as z from "zod";

/** Values of `type` (seed 004: MSG_TYPE_…). */
export const TOPICS_MESSAGE_TYPE: Readonly<{
  error: "error";
  subscribeRequest: "subscribe_request";
  subscribeResponse: "subscribe_response";
  unsubscribeRequest: "unsubscribe_request";
  unsubscribeResponse: "unsubscribe_response";
  echoRequest: "echo_request";
  echoResponse: "echo_response";
  heartbeat: "heartbeat";
}> = Object.freeze(
  {
    error: "error",
    subscribeRequest: "subscribe_request",
    subscribeResponse: "subscribe_response",
    unsubscribeRequest: "unsubscribe_request",
    unsubscribeResponse: "unsubscribe_response",
    echoRequest: "echo_request",
    echoResponse: "echo_response",
    heartbeat: "heartbeat",
  } as const,
);

/** The topic that is always there (seed 004: TOPIC_HEARTBEAT). */
export const TOPIC_HEARTBEAT = "heartbeat";

/** Values of `status` (seed 004: RESPONSE_STATUS_…). */
export const RESPONSE_STATUS: Readonly<{ ok: "OK"; error: "ERROR" }> = Object.freeze(
  { ok: "OK", error: "ERROR" } as const,
);

/** Values of `code` in an error (seed 004: ERROR_…). */
export const TOPICS_ERROR: Readonly<{
  alreadySubscribed: "ALREADY_SUBSCRIBED";
  notSubscribed: "NOT_SUBSCRIBED";
  askedByClient: "ASKED_BY_CLIENT";
  topicNotFound: "TOPIC_NOT_FOUND";
  unknownMessageType: "UNKNOWN_MESSAGE_TYPE";
  badRequest: "BAD_REQUEST";
}> = Object.freeze(
  {
    alreadySubscribed: "ALREADY_SUBSCRIBED",
    notSubscribed: "NOT_SUBSCRIBED",
    askedByClient: "ASKED_BY_CLIENT",
    topicNotFound: "TOPIC_NOT_FOUND",
    unknownMessageType: "UNKNOWN_MESSAGE_TYPE",
    badRequest: "BAD_REQUEST",
  } as const,
);

/** One of {@linkcode TOPICS_ERROR}. */
export type TopicsErrorCode = typeof TOPICS_ERROR[keyof typeof TOPICS_ERROR];

/** Data of an error (seed 004: ErrorMessageData). */
export interface TopicsErrorData {
  /** What was wrong and what was expected. */
  readonly message: string;
  /** One of {@linkcode TOPICS_ERROR}. */
  readonly code?: string | undefined;
  /** Of the request, if it had one. */
  readonly reqId?: string | undefined;
}

/** Asks for its text back (seed 004: EchoRequest). */
export interface EchoRequest {
  /** Tells it from other messages. */
  readonly type: "echo_request";
  /** Comes back in the response. */
  readonly reqId?: string | undefined;
  /** Text to send back. */
  readonly echo: string;
  /** True: answer with an error instead. */
  readonly err?: boolean | undefined;
}

/** Asks for the publications of a topic (seed 004: SubscribeRequest). */
export interface SubscribeRequest {
  /** Tells it from other messages. */
  readonly type: "subscribe_request";
  /** Comes back in the response. */
  readonly reqId?: string | undefined;
  /** Name of the topic. */
  readonly topic: string;
}

/** Asks for no more publications of a topic (seed 004: UnsubscribeRequest). */
export interface UnsubscribeRequest {
  /** Tells it from other messages. */
  readonly type: "unsubscribe_request";
  /** Comes back in the response. */
  readonly reqId?: string | undefined;
  /** Name of the topic. */
  readonly topic: string;
}

/** What a client sends. */
export type TopicsRequest = EchoRequest | SubscribeRequest | UnsubscribeRequest;

/** Answer to a request (seed 004: EchoResponse, SubscribeResponse, UnsubscribeResponse). */
export interface TopicsResponse {
  /** `echo_response`, `subscribe_response` or `unsubscribe_response`. */
  readonly type: "echo_response" | "subscribe_response" | "unsubscribe_response";
  /** Of the request, if it had one. */
  readonly reqId?: string | undefined;
  /** `OK` or `ERROR`. */
  readonly status: "OK" | "ERROR";
  /** Present if the status is `ERROR`. */
  readonly error?: TopicsErrorData | undefined;
  /** Present if the status is `OK`: `echo`, or `topic`. */
  readonly data?: { readonly echo: string } | { readonly topic: string } | undefined;
}

/** An error to which no response fits (seed 004: ErrorMessage). */
export interface TopicsErrorMessage extends TopicsErrorData {
  /** Tells it from other messages. */
  readonly type: "error";
}

/** A sign of life to a subscriber (seed 004: Heartbeat). */
export interface HeartbeatMessage {
  /** Tells it from other messages. */
  readonly type: "heartbeat";
  /** When it was published: RFC 3339, UTC. */
  readonly timestamp: string;
  /** Whole seconds since the connection was opened, as a text. */
  readonly uptime_seconds: string;
}

/** A publication on a topic of the application. */
export interface PublicationMessage {
  /** Name of the topic. */
  readonly type: string;
  /** What was published. */
  readonly data: unknown;
}

const MAX_TOPIC_CHARS = 255;
const reqId = z.string({ error: "expected a text" }).optional();
const topic = z.string({ error: "expected a text" });

/** Schemas of what a client sends, by `type`; further fields are ignored. */
export const REQUEST_SCHEMAS: Readonly<
  {
    echo_request: z.ZodType<EchoRequest>;
    subscribe_request: z.ZodType<SubscribeRequest>;
    unsubscribe_request: z.ZodType<UnsubscribeRequest>;
  }
> = Object.freeze({
  echo_request: z.object({
    type: z.literal(TOPICS_MESSAGE_TYPE.echoRequest),
    reqId,
    echo: z.string({ error: "expected a text" }),
    err: z.boolean({ error: "expected true or false" }).optional(),
  }),
  subscribe_request: z.object({
    type: z.literal(TOPICS_MESSAGE_TYPE.subscribeRequest),
    reqId,
    topic,
  }),
  unsubscribe_request: z.object({
    type: z.literal(TOPICS_MESSAGE_TYPE.unsubscribeRequest),
    reqId,
    topic,
  }),
});

const errorData = z.object({
  message: z.string(),
  code: z.string().optional(),
  reqId: z.string().optional(),
});

function response<Type extends string, Data extends z.ZodType>(
  type: Type,
  data: Data,
) {
  return z.object({
    type: z.literal(type),
    reqId: z.string().optional(),
    status: z.enum(["OK", "ERROR"]),
    error: errorData.optional(),
    data: data.optional(),
  });
}

/** Schema of everything that the server sends, publications of the application excepted. */
export const SERVER_MESSAGE_SCHEMA: z.ZodType<
  TopicsResponse | TopicsErrorMessage | HeartbeatMessage
> = z.discriminatedUnion("type", [
  response("echo_response", z.object({ echo: z.string() })),
  response("subscribe_response", z.object({ topic: z.string() })),
  response("unsubscribe_response", z.object({ topic: z.string() })),
  errorData.extend({ type: z.literal("error") }),
  z.object({
    type: z.literal("heartbeat"),
    timestamp: z.iso.datetime(),
    uptime_seconds: z.string().regex(/^\d+$/),
  }),
]);

/** Names that an application cannot give to a topic: a publication carries it as `type`. */
const RESERVED: ReadonlySet<string> = new Set(Object.values(TOPICS_MESSAGE_TYPE));

/** Whether an application can declare a topic of that name. */
export function isTopicName(name: unknown): name is string {
  return typeof name === "string" && name.length > 0 && name.length <= MAX_TOPIC_CHARS &&
    !RESERVED.has(name);
}
