/**
 * The WebSocket endpoints of a server.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import {
  createHandler,
  type Handler,
  type HandlerOptions,
  type ReconfigurableOptions,
} from "../websocket/mod.ts";
import { CONFIG_DEFAULTS } from "./config_defaults.ts";
import type { Config, EndpointConfig } from "./config_types.ts";
import { chooseEngine, type ChosenEngine, type EngineChoice } from "./engine_choice.ts";

const log = getLogger(["troupe", "server"]);

/** An endpoint with its handler. */
export interface Endpoint {
  readonly path: string;
  readonly config: EndpointConfig;
  readonly choice: EngineChoice;
  readonly handler: Handler;
}

/** The limits that a running handler takes over. */
function liveOptions(config: EndpointConfig): ReconfigurableOptions {
  const { origins, maxMessageBytes, sendQueueBytes, maxConnections, maxConnectionsPerIp } = config;
  const { readTimeoutMs, writeTimeoutMs, pingPeriodMs, pongTimeoutMs, rateLimit } = config;
  return {
    origins,
    maxMessageBytes,
    sendQueueBytes,
    maxConnections,
    maxConnectionsPerIp,
    readTimeoutMs,
    writeTimeoutMs,
    pingPeriodMs,
    pongTimeoutMs,
    rateLimit,
  };
}

/** The options of the handler of an endpoint. */
export function handlerOptions(
  endpoint: string,
  config: EndpointConfig,
  engine: ChosenEngine,
): HandlerOptions {
  return {
    endpoint,
    ...liveOptions(config),
    engine,
    pool: config.pool,
    handshakeTimeoutMs: config.handshakeTimeoutMs,
    targetLost: config.targetLost,
    subprotocols: config.subprotocols,
    slowConsumer: config.slowConsumer,
    compression: config.compression,
    readBufferBytes: config.readBufferBytes,
    writeBufferBytes: config.writeBufferBytes,
    attributes: eventAttributes(config),
  };
}

/** What an endpoint says about the format of events, for whatever process gets its connections. */
function eventAttributes(config: EndpointConfig): HandlerOptions["attributes"] {
  const { eventPrefix, binaryMessages } = config;
  const isDefault = eventPrefix === CONFIG_DEFAULTS.eventPrefix &&
    binaryMessages === CONFIG_DEFAULTS.binaryMessages;
  // By default nothing is said: a process of the application may have a prefix of its own.
  const attributes = isDefault ? undefined : Object.freeze({ eventPrefix, binaryMessages });
  return () => attributes;
}

/** Makes the endpoints of a configuration; their handlers answer once spawned. */
export function createEndpoints(config: Config): Endpoint[] {
  return Object.entries(config.endpoints).map(([path, endpoint]) => {
    const choice = chooseEngine(endpoint, config.listen);
    const handler = createHandler(handlerOptions(path, endpoint, choice.engine));
    return { path, config: endpoint, choice, handler };
  });
}

/**
 * Gives the endpoints that are there the origins and limits of a new configuration.
 *
 * @throws {TypeError} If one of them cannot take it over; then none has.
 * @throws {RangeError} Likewise.
 */
export function reconfigureEndpoints(endpoints: readonly Endpoint[], config: Config): void {
  const known = endpoints.filter(({ path }) => config.endpoints[path] !== undefined);
  const next = known.map(({ path, handler }) => {
    const options = liveOptions(config.endpoints[path]!);
    // A handler that nobody spawns refuses what this one would.
    createHandler(options);
    return { handler, options };
  });
  for (const { path } of endpoints.filter((endpoint) => !known.includes(endpoint))) {
    log.warn("Endpoint {path} is not configured any more, it stays until the next start", { path });
  }
  for (const { handler, options } of next) handler.reconfigure(options);
}
