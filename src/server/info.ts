/**
 * What a server tells of itself to its operator.
 *
 * @module
 */

import type { Config } from "../config/mod.ts";
import { isSecretName, REDACTED, redactText } from "../text/mod.ts";
import type { Endpoint } from "./endpoints.ts";
import { VERSION } from "./version.ts";

/** Plain data without what has the name of a secret, and without the secrets of URLs. */
export function withoutSecrets(value: unknown, name = ""): unknown {
  if (name !== "" && isSecretName(name)) return REDACTED;
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withoutSecrets(each, key)]),
  );
}

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
    config: withoutSecrets(JSON.parse(JSON.stringify(config))),
  };
}
