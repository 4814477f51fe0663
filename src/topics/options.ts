/**
 * Options of topics processes.
 *
 * @module
 */

import { assertOptions, showValue } from "../text/mod.ts";
import { isTopicName } from "./messages.ts";

/** Options of `createTopics`, and the `env` of the behaviour `topics`. */
export interface TopicsOptions {
  /** Topics of the application, besides `heartbeat`. Default `[]`. */
  readonly topics?: readonly string[];
  /** Time between two heartbeats to one subscriber, in milliseconds. Default 5000. */
  readonly heartbeatPeriodMs?: number;
}

/** Defaults of {@linkcode TopicsOptions}. */
export const TOPICS_DEFAULTS: Readonly<Required<TopicsOptions>> = Object.freeze({
  topics: Object.freeze([]),
  heartbeatPeriodMs: 5_000,
});

const MAX_PERIOD_MS = 2 ** 31 - 1;

/**
 * Checks options and fills in the defaults. Errors say that it is `action` which
 * cannot be done.
 *
 * @throws {TypeError} If a key is unknown or a topic has a name that none can have.
 * @throws {RangeError} If the period is no time that a timer can wait.
 */
export function resolveTopicsOptions(
  options: Readonly<Record<string, unknown>> | TopicsOptions,
  action = "create topics",
): Required<TopicsOptions> {
  assertOptions(action, options, Object.keys(TOPICS_DEFAULTS));
  const { topics = TOPICS_DEFAULTS.topics, heartbeatPeriodMs = TOPICS_DEFAULTS.heartbeatPeriodMs } =
    options as Record<string, unknown>;
  if (!Array.isArray(topics)) {
    throw new TypeError(`Cannot ${action}: topics is ${showValue(topics)}, expected a list`);
  }
  const wrong = topics.findIndex((name) => !isTopicName(name));
  if (wrong >= 0) {
    throw new TypeError(
      `Cannot ${action}: topics[${wrong}] is ${showValue(topics[wrong])}, ` +
        "expected a name of 1 to 255 characters that is no message type",
    );
  }
  const periodMs = heartbeatPeriodMs;
  if (typeof periodMs === "number" && periodMs >= 1 && periodMs <= MAX_PERIOD_MS) {
    return { topics, heartbeatPeriodMs: periodMs };
  }
  throw new RangeError(
    `Cannot ${action}: heartbeatPeriodMs is ${showValue(periodMs)}, ` +
      `expected a number from 1 to ${MAX_PERIOD_MS}`,
  );
}
