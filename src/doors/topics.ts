/**
 * Topics: echo, subscriptions and heartbeats, and publications of the application.
 *
 * | what | names |
 * | --- | --- |
 * | the process | `topics`, `createTopics`, `TopicsOptions` |
 * | a whole server of it | `createTopicsServer`, `TopicsServer` |
 * | what other processes send it | `PublishCommand`, `CloseClientsCommand` |
 * | an answer without all nodes | `IncompleteAnswerError` |
 * | what clients send and get | `TopicsRequest`, `TopicsResponse`, `PublicationMessage` |
 *
 * @example
 * ```ts
 * import { createNode } from "@troupe/troupe";
 * import { createTopics } from "@troupe/troupe/topics";
 *
 * await using node = createNode();
 * const topics = node.spawn(createTopics(), { name: "topics" });
 * node.send(topics, { kind: "publish", topic: "news", data: "it works" });
 * ```
 *
 * @module
 */

export { IncompleteAnswerError } from "../actor/mod.ts";
export {
  type CloseClientsCommand,
  type CloseClientsOptions,
  createTopics,
  createTopicsServer,
  type EchoRequest,
  type HeartbeatMessage,
  type ListTopicsCommand,
  type PublicationMessage,
  type PublishCommand,
  RESPONSE_STATUS,
  type SubscribeRequest,
  TOPIC_HEARTBEAT,
  type TopicInfo,
  topics,
  TOPICS_DEFAULTS,
  TOPICS_ERROR,
  TOPICS_MESSAGE_TYPE,
  TOPICS_SERVER_DEFAULTS,
  type TopicsCommand,
  type TopicsErrorCode,
  type TopicsErrorData,
  type TopicsErrorMessage,
  type TopicsOptions,
  type TopicsRequest,
  type TopicsResponse,
  type TopicsServer,
  TopicsServerError,
  type TopicsServerErrorCode,
  type TopicsServerOptions,
  type UnsubscribeRequest,
} from "../topics/mod.ts";
