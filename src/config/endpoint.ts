/**
 * Schema of one WebSocket endpoint.
 *
 * @module
 */

import { z } from "zod";
import { formatDuration, formatSize } from "../text/mod.ts";
import { compileOrigins, HANDLER_DEFAULTS } from "../websocket/mod.ts";
import { CONFIG_DEFAULTS as DEFAULTS } from "./defaults.ts";
import { choice, duration, flag, integer, object, size, text } from "./leaves.ts";
import type { EndpointConfig } from "./types.ts";

const ORIGIN =
  /^(?:\*|same-origin|[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:\*\.)?(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?)$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MAX_COUNT = 1_000_000_000;

const ERROR_ORIGIN = '"same-origin", "*", an origin such as "https://example.com", or ' +
  '"https://*.example.com:8443"';
const ERROR_ORIGINS = `${ERROR_ORIGIN}, or a list of them`;
const origins = z.union([
  text(ORIGIN, ERROR_ORIGINS).refine(isOrigin, { error: ERROR_ORIGINS }),
  z.array(text(ORIGIN, ERROR_ORIGIN).refine(isOrigin, { error: ERROR_ORIGIN }), {
    error: ERROR_ORIGINS,
  }).min(1, { error: ERROR_ORIGINS }),
], { error: ERROR_ORIGINS });

function isOrigin(entry: string): boolean {
  try {
    compileOrigins(entry);
    return true;
  } catch {
    // The pattern is for the JSON Schema; the room that reads origins decides.
    return false;
  }
}

const rateLimit = object({
  messagesPerSecond: integer(1, MAX_COUNT, "a rate").describe("Messages per second."),
  burst: integer(1, MAX_COUNT, "a number of messages").describe("Messages at once."),
});

const ERROR_POOL = "a list of at least one name of a process";

const shape = {
  pool: z.array(z.string({ error: "the name of a process" }), { error: ERROR_POOL })
    .min(1, { error: ERROR_POOL })
    .describe("Names of processes; connections go to them in turn. Ergo: ProcessPool."),
  engine: choice(["auto", "native", "ws"]).default(HANDLER_DEFAULTS.engine)
    .describe("What carries the frames; `auto` chooses by what the endpoint asks for."),
  handshakeTimeout: duration(1).prefault(formatDuration(HANDLER_DEFAULTS.handshakeTimeoutMs))
    .describe(
      "From accepted connection to completed upgrade. " +
        "The headers may take the longest of all endpoints. Ergo: HandshakeTimeout.",
    ),
  targetLost: choice(["close", "next"]).default(HANDLER_DEFAULTS.targetLost)
    .describe(
      "When the process of a connection ends: `close` it with 1011, or hand it to the `next` one.",
    ),
  compression: flag().default(HANDLER_DEFAULTS.compression)
    .describe("Offer permessage-deflate. Ergo: EnableCompression."),
  origins: origins.default("same-origin")
    .describe(
      "Origins of web pages that may connect: `same-origin`, `*`, an origin, or a list of them. " +
        "Programs that send no Origin are accepted. Ergo: CheckOrigin.",
    ),
  subprotocols: z.array(text(TOKEN, "a subprotocol: a token of RFC 9110"), {
    error: "a list of subprotocols",
  }).prefault([...HANDLER_DEFAULTS.subprotocols])
    .describe("Subprotocols in the server's order of preference. Ergo: Subprotocols."),
  maxMessageSize: size().prefault(formatSize(HANDLER_DEFAULTS.maxMessageBytes))
    .describe("Longest message; a longer one closes with 1009. Iris: MaxMessageSize."),
  readTimeout: duration().prefault(formatDuration(HANDLER_DEFAULTS.readTimeoutMs))
    .describe("Longest time without a message, 0 for no limit. Iris: ReadTimeout."),
  writeTimeout: duration().prefault(formatDuration(HANDLER_DEFAULTS.writeTimeoutMs))
    .describe("Longest time for a write to drain, 0 for no limit. Iris: WriteTimeout."),
  pingPeriod: duration(1).prefault(formatDuration(HANDLER_DEFAULTS.pingPeriodMs))
    .describe("Time between pings, shorter than `pongTimeout`. Iris: PingPeriod."),
  pongTimeout: duration(1).prefault(formatDuration(HANDLER_DEFAULTS.pongTimeoutMs))
    .describe("Longest wait for a pong. Iris: PongTimeout."),
  readBufferSize: size().prefault(formatSize(HANDLER_DEFAULTS.readBufferBytes))
    .describe("Read buffer of a connection, engine `ws` only. Iris: ReadBufferSize."),
  writeBufferSize: size().prefault(formatSize(HANDLER_DEFAULTS.writeBufferBytes))
    .describe("Write buffer of a connection, engine `ws` only. Iris: WriteBufferSize."),
  sendQueueSize: size().prefault(formatSize(HANDLER_DEFAULTS.sendQueueBytes))
    .describe("Bytes queued to one client before it counts as slow."),
  slowConsumer: choice(["close", "drop-oldest"]).default(HANDLER_DEFAULTS.slowConsumer)
    .describe("What happens to a slow client: `close` with 4002, or drop its oldest messages."),
  maxConnections: integer(1, MAX_COUNT, "a number of connections")
    .default(HANDLER_DEFAULTS.maxConnections)
    .describe("Open connections of the endpoint; beyond: 503 with Retry-After."),
  maxConnectionsPerIp: integer(0, MAX_COUNT, "a number of connections")
    .default(HANDLER_DEFAULTS.maxConnectionsPerIp)
    .describe("Open connections of one address, 0 for no limit; beyond: 429."),
  rateLimit: rateLimit.optional().describe("How fast a client may send."),
  eventPrefix: text(/^[^;]*:$/, 'a text without ";" that ends in ":"').default(DEFAULTS.eventPrefix)
    .describe("Prefix of event messages. Iris: EvtMessagePrefix."),
  binaryMessages: flag().default(DEFAULTS.binaryMessages)
    .describe("Send events as binary messages. Iris: BinaryMessages."),
};

/** One endpoint. */
export const endpointSchema: z.ZodType<EndpointConfig> = object(shape).transform((
  {
    handshakeTimeout: handshakeTimeoutMs,
    maxMessageSize: maxMessageBytes,
    readTimeout: readTimeoutMs,
    writeTimeout: writeTimeoutMs,
    pingPeriod: pingPeriodMs,
    pongTimeout: pongTimeoutMs,
    readBufferSize: readBufferBytes,
    writeBufferSize: writeBufferBytes,
    sendQueueSize: sendQueueBytes,
    ...rest
  },
) => ({
  ...rest,
  handshakeTimeoutMs,
  maxMessageBytes,
  readTimeoutMs,
  writeTimeoutMs,
  pingPeriodMs,
  pongTimeoutMs,
  readBufferBytes,
  writeBufferBytes,
  sendQueueBytes,
}));
