/**
 * What a server tells of itself to its operator.
 *
 * @module
 */

import type { Config } from "../config/mod.ts";
import { redactData } from "../text/mod.ts";
import type { Endpoint } from "./endpoints.ts";
import { VERSION } from "./version.ts";

/** Versions, engines, and the configuration without secrets. */
export function describeServer(
  config: Config,
  endpoints: readonly Endpoint[],
  startedAt: Date,
): Readonly<Record<string, unknown>> {
  const { deno, v8 } = Deno.version;
  return {
    version: VERSION,
    deno,
    v8,
    target: Deno.build.target,
    node: config.node.name,
    workers: config.node.workers,
    startedAt: startedAt.toISOString(),
    endpoints: endpoints.map(({ path, engine, reason, handler }) => ({
      path,
      engine,
      reason,
      connections: handler.connections,
    })),
    // A secret of the configuration shows itself as one.
    config: redactData(JSON.parse(JSON.stringify(config))),
  };
}
