/**
 * The answers to requests, as plain functions.
 *
 * @module
 */

import type { SpanName } from "../telemetry/mod.ts";
import { quote } from "../text/mod.ts";
import {
  type EchoRequest,
  type HeartbeatMessage,
  RESPONSE_STATUS,
  type SubscribeRequest,
  TOPIC_HEARTBEAT,
  TOPICS_ERROR,
  TOPICS_MESSAGE_TYPE,
  type TopicsErrorCode,
  type TopicsRequest,
  type TopicsResponse,
  type UnsubscribeRequest,
} from "./messages.ts";

/** What the answer to a request depends on. */
export interface ProtocolState {
  /** Topics that the client is subscribed to. */
  readonly subscriptions: ReadonlySet<string>;
  /** Topics that the application has declared, without `heartbeat`. */
  readonly declared: ReadonlySet<string>;
}

/** A change of the client's subscriptions. */
export interface SubscriptionChange {
  readonly kind: "subscribe" | "unsubscribe";
  readonly topic: string;
}

/** What a request leads to. */
export interface Answer {
  /** To be sent before anything that the change leads to. */
  readonly response: TopicsResponse;
  readonly change?: SubscriptionChange;
}

/** Names of the spans of requests. */
export const REQUEST_SPANS: Readonly<Record<TopicsRequest["type"], SpanName>> = Object.freeze({
  echo_request: "echo",
  subscribe_request: "subscribe",
  unsubscribe_request: "unsubscribe",
});

/** The answer to a request. */
export function stepRequest(state: ProtocolState, request: TopicsRequest): Answer {
  switch (request.type) {
    case "echo_request":
      return { response: stepEcho(request) };
    case "subscribe_request":
      return stepSubscribe(state, request);
    case "unsubscribe_request":
      return stepUnsubscribe(state, request);
  }
}

function stepEcho(request: EchoRequest): TopicsResponse {
  const type = TOPICS_MESSAGE_TYPE.echoResponse;
  if (request.err === true) {
    const why = "Cannot echo: the client asked for an error";
    return failed(type, request, TOPICS_ERROR.askedByClient, why);
  }
  return succeeded(type, request, { echo: request.echo });
}

function stepSubscribe(state: ProtocolState, request: SubscribeRequest): Answer {
  const type = TOPICS_MESSAGE_TYPE.subscribeResponse;
  const { topic } = request;
  if (!isKnown(state, topic)) return { response: notFound(type, request, "subscribe to") };
  if (state.subscriptions.has(topic)) {
    const why = `Cannot subscribe to ${quote(topic)}: the client is subscribed to it`;
    return { response: failed(type, request, TOPICS_ERROR.alreadySubscribed, why) };
  }
  const response = succeeded(type, request, { topic });
  return { response, change: { kind: "subscribe", topic } };
}

function stepUnsubscribe(state: ProtocolState, request: UnsubscribeRequest): Answer {
  const type = TOPICS_MESSAGE_TYPE.unsubscribeResponse;
  const { topic } = request;
  if (!isKnown(state, topic)) return { response: notFound(type, request, "unsubscribe from") };
  if (!state.subscriptions.has(topic)) {
    const why = `Cannot unsubscribe from ${quote(topic)}: the client is not subscribed to it`;
    return { response: failed(type, request, TOPICS_ERROR.notSubscribed, why) };
  }
  const response = succeeded(type, request, { topic });
  return { response, change: { kind: "unsubscribe", topic } };
}

function isKnown({ declared }: ProtocolState, topic: string): boolean {
  return topic === TOPIC_HEARTBEAT || declared.has(topic);
}

function notFound(
  type: TopicsResponse["type"],
  request: SubscribeRequest | UnsubscribeRequest,
  action: string,
): TopicsResponse {
  const why = `Cannot ${action} ${quote(request.topic)}: there is no such topic`;
  return failed(type, request, TOPICS_ERROR.topicNotFound, why);
}

/** An empty `reqId` counts as none, as in the seed (`omitempty`). */
function reqIdOf({ reqId }: TopicsRequest): { readonly reqId?: string } {
  return reqId ? { reqId } : {};
}

function succeeded(
  type: TopicsResponse["type"],
  request: TopicsRequest,
  data: TopicsResponse["data"],
): TopicsResponse {
  return { type, ...reqIdOf(request), status: RESPONSE_STATUS.ok, data };
}

function failed(
  type: TopicsResponse["type"],
  request: TopicsRequest,
  code: TopicsErrorCode,
  message: string,
): TopicsResponse {
  const error = { message, code, ...reqIdOf(request) };
  return { type, ...reqIdOf(request), status: RESPONSE_STATUS.error, error };
}

/** The heartbeat of a connection that has been open for so many milliseconds. */
export function heartbeatMessage(timestampMs: number, uptimeMs: number): HeartbeatMessage {
  return {
    type: TOPICS_MESSAGE_TYPE.heartbeat,
    timestamp: new Date(timestampMs).toISOString(),
    uptime_seconds: String(Math.max(0, Math.floor(uptimeMs / 1000))),
  };
}
