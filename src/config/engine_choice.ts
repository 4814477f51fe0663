/**
 * Which engine carries the frames of an endpoint.
 *
 * @module
 */

import { isLoopbackHost } from "../text/mod.ts";
import { type EngineName, HANDLER_DEFAULTS as DEFAULTS } from "../websocket/mod.ts";
import type { Config, EndpointConfig, ListenConfig } from "./types.ts";

export { NATIVE_LIMITS } from "../websocket/mod.ts";

/** An engine that exists. */
export type ChosenEngine = Exclude<EngineName, "auto">;

/** What was chosen, and what an operator should know about it. */
export interface EngineChoice {
  /** Never `auto`. */
  readonly engine: ChosenEngine;
  /** Why, in a few words, for the log. */
  readonly reason: string;
  /** Whether peers that mean harm may reach an engine that cannot stop them. */
  readonly exposed: boolean;
}

/** What only `ws` does, or only `ws` does well: the key, and whether an endpoint asks for it. */
const OF_WS: readonly (readonly [key: string, isAsked: (endpoint: EndpointConfig) => boolean])[] = [
  ["compression", ({ compression }) => compression],
  ["readTimeout", ({ readTimeoutMs }) => readTimeoutMs !== DEFAULTS.readTimeoutMs],
  ["writeTimeout", ({ writeTimeoutMs }) => writeTimeoutMs !== DEFAULTS.writeTimeoutMs],
  ["pingPeriod", ({ pingPeriodMs }) => pingPeriodMs !== DEFAULTS.pingPeriodMs],
  ["pongTimeout", ({ pongTimeoutMs }) => pongTimeoutMs !== DEFAULTS.pongTimeoutMs],
  ["readBufferSize", ({ readBufferBytes }) => readBufferBytes !== DEFAULTS.readBufferBytes],
  ["writeBufferSize", ({ writeBufferBytes }) => writeBufferBytes !== DEFAULTS.writeBufferBytes],
  ["rateLimit", ({ rateLimit }) => rateLimit !== undefined],
];

function chooseFreely(endpoint: EndpointConfig, listen: ListenConfig): EngineChoice {
  const asked = OF_WS.filter(([, isAsked]) => isAsked(endpoint)).map(([key]) => key);
  if (asked.length > 0) {
    return { engine: "ws", reason: `it asks for ${asked.join(", ")}`, exposed: false };
  }
  if (listen.tls !== undefined) return { engine: "ws", reason: "with TLS", exposed: false };
  // Who lists proxies is reached through them from elsewhere.
  if (listen.trustProxy.length > 0) {
    return { engine: "ws", reason: "behind a proxy", exposed: false };
  }
  return isLoopbackHost(listen.hostname)
    ? { engine: "native", reason: "on a loopback address", exposed: false }
    : { engine: "ws", reason: "on a public address", exposed: false };
}

/**
 * Chooses the engine of an endpoint.
 *
 * `auto` is `native` where its limits can do no harm: on a loopback address,
 * without TLS and without trusted proxies, and only if the endpoint leaves
 * everything at its default that `native` does not do as well; else `ws`.
 */
export function chooseEngine(endpoint: EndpointConfig, listen: ListenConfig): EngineChoice {
  const { engine } = endpoint;
  if (engine === "auto") return chooseFreely(endpoint, listen);
  const exposed = engine === "native" && !isLoopbackHost(listen.hostname);
  return { engine, reason: "as configured", exposed };
}

/** Paths of the endpoints that would have `native` on a public address. */
export function exposedEndpoints({ listen, endpoints }: Config): string[] {
  return Object.entries(endpoints)
    .filter(([, endpoint]) => chooseEngine(endpoint, listen).exposed)
    .map(([path]) => path);
}
