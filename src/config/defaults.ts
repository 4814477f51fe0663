/**
 * Defaults of the configuration that are no other room's.
 *
 * @module
 */

import { EVENT_DEFAULTS } from "../events/mod.ts";

/** Defaults of configuration keys; those of handlers and logs live in their rooms. */
export const CONFIG_DEFAULTS = Object.freeze(
  {
    nodeName: "troupe@localhost",
    workers: 1,
    hostname: "127.0.0.1",
    port: 8080,
    hosts: [],
    trustProxy: false,
    keepAliveTimeoutMs: 65_000,
    instances: 1,
    keyed: false,
    scope: "local",
    engine: "auto",
    programs: true,
    eventPrefix: EVENT_DEFAULTS.eventPrefix,
    binaryMessages: EVENT_DEFAULTS.binaryMessages,
    page: "auto",
    adminHostname: "127.0.0.1",
    drainDelayMs: 0,
    drainTimeoutMs: 8_000,
  } as const,
);

/** What runs when neither processes nor endpoints are configured: an echo, a chat and topics. */
export const EMBEDDED = Object.freeze(
  {
    processes: {
      echo: { behavior: "echo", instances: 3 },
      chat: { behavior: "chat" },
      topics: { behavior: "topics" },
    },
    endpoints: {
      "/ws": { pool: ["echo_1", "echo_2", "echo_3"] },
      "/chat": { pool: ["chat"] },
      "/topics": { pool: ["topics"] },
    },
  } as const,
);
