/**
 * What of a changed configuration takes effect while the server runs.
 *
 * @module
 */

import type { Config, EndpointConfig } from "./config_types.ts";

/** Keys of an endpoint that a running handler takes over. */
const LIVE_KEYS: readonly string[] = [
  "origins",
  "maxMessageBytes",
  "sendQueueBytes",
  "maxConnections",
];

function restOf(endpoint: EndpointConfig): unknown {
  return Object.entries(endpoint).filter(([key]) => !LIVE_KEYS.includes(key)).toSorted();
}

function fixedParts(config: Config): Record<string, unknown> {
  const { node, listen, processes, drain, log } = config;
  const endpoints = Object.entries(config.endpoints)
    .map(([path, endpoint]) => [path, restOf(endpoint)]).toSorted();
  return { node, listen, processes, endpoints, drain, "log.format": log.format };
}

/** Keys whose changes a running server does not take over. */
export function changesForNextStart(before: Config, after: Config): string[] {
  const old = fixedParts(before);
  return Object.entries(fixedParts(after))
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(old[key]))
    .map(([key]) => key);
}
