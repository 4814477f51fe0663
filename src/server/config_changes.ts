/**
 * What of a changed configuration takes effect while the server runs.
 *
 * @module
 */

import type { Config, EndpointConfig, ListenConfig } from "./config_types.ts";
import { chooseEngine } from "./engine_choice.ts";

/** Keys of an endpoint that a running handler takes over. */
const LIVE_KEYS: readonly string[] = [
  "origins",
  "maxMessageBytes",
  "sendQueueBytes",
  "maxConnections",
  "maxConnectionsPerIp",
  "readTimeoutMs",
  "writeTimeoutMs",
  "pingPeriodMs",
  "pongTimeoutMs",
  "rateLimit",
];

function restOf(endpoint: EndpointConfig, listen: ListenConfig): unknown {
  const fixed = Object.entries(endpoint).filter(([key]) => !LIVE_KEYS.includes(key)).toSorted();
  // A new limit can change what `auto` stands for.
  return [...fixed, chooseEngine(endpoint, listen).engine];
}

/** All but the names of certificate files, which are read again; not whether there are any. */
function restOfListen({ tls, ...listen }: ListenConfig): unknown {
  return { ...listen, tls: tls !== undefined };
}

function fixedParts(config: Config): Record<string, unknown> {
  const { node, listen, processes, drain, log } = config;
  const endpoints = Object.entries(config.endpoints)
    .map(([path, endpoint]) => [path, restOf(endpoint, listen)]).toSorted();
  return {
    node,
    listen: restOfListen(listen),
    processes,
    endpoints,
    drain,
    "log.format": log.format,
  };
}

/** Keys whose changes a running server does not take over. */
export function changesForNextStart(before: Config, after: Config): string[] {
  const old = fixedParts(before);
  return Object.entries(fixedParts(after))
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(old[key]))
    .map(([key]) => key);
}
