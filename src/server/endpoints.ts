/**
 * The WebSocket endpoints of a server.
 *
 * @module
 */

import { getLogger } from "../telemetry/mod.ts";
import { createHandler, type Handler, type HandlerOptions } from "../websocket/mod.ts";
import type { Config, EndpointConfig } from "./config_types.ts";
import { chooseEngine } from "./engine_choice.ts";

const log = getLogger(["troupe", "server"]);

/** An endpoint with its handler. */
export interface Endpoint {
  readonly path: string;
  readonly config: EndpointConfig;
  readonly handler: Handler;
}

/** The options of the handler of an endpoint. */
export function handlerOptions(config: EndpointConfig, hostname: string): HandlerOptions {
  return {
    pool: config.pool,
    engine: chooseEngine(config.engine, hostname).engine,
    handshakeTimeoutMs: config.handshakeTimeoutMs,
    targetLost: config.targetLost,
    origins: config.origins,
    subprotocols: config.subprotocols,
    maxMessageBytes: config.maxMessageBytes,
    sendQueueBytes: config.sendQueueBytes,
    slowConsumer: config.slowConsumer,
    maxConnections: config.maxConnections,
  };
}

/** Makes the endpoints of a configuration; their handlers answer once spawned. */
export function createEndpoints(config: Config): Endpoint[] {
  return Object.entries(config.endpoints).map(([path, endpoint]) => ({
    path,
    config: endpoint,
    handler: createHandler(handlerOptions(endpoint, config.listen.hostname)),
  }));
}

/** Gives the endpoints that are there the origins and limits of a new configuration. */
export function reconfigureEndpoints(endpoints: readonly Endpoint[], config: Config): void {
  for (const { path, handler } of endpoints) {
    const next = config.endpoints[path];
    if (next === undefined) {
      log.warn("Endpoint {path} is not configured any more, it stays until the next start", {
        path,
      });
      continue;
    }
    const { origins, maxMessageBytes, sendQueueBytes, maxConnections } = next;
    handler.reconfigure({ origins, maxMessageBytes, sendQueueBytes, maxConnections });
  }
}
