/**
 * The topics protocol: echo, subscriptions, heartbeats, publications.
 *
 * @module
 */

export type {
  CloseClientsCommand,
  CloseClientsOptions,
  ListTopicsCommand,
  PublishCommand,
  TopicInfo,
  TopicsCommand,
} from "./commands.ts";
export { TopicsServerError, type TopicsServerErrorCode } from "./errors.ts";
export {
  type EchoRequest,
  type HeartbeatMessage,
  type PublicationMessage,
  REQUEST_SCHEMAS,
  RESPONSE_STATUS,
  SERVER_MESSAGE_SCHEMA,
  type SubscribeRequest,
  TOPIC_HEARTBEAT,
  TOPICS_ERROR,
  TOPICS_MESSAGE_TYPE,
  type TopicsErrorCode,
  type TopicsErrorData,
  type TopicsErrorMessage,
  type TopicsRequest,
  type TopicsResponse,
  type UnsubscribeRequest,
} from "./messages.ts";
export { resolveTopicsOptions, TOPICS_DEFAULTS, type TopicsOptions } from "./options.ts";
export { createTopics, topics } from "./topic_process.ts";
export {
  createTopicsServer,
  TOPICS_SERVER_DEFAULTS,
  type TopicsServer,
  type TopicsServerOptions,
} from "./topics_server.ts";
