/**
 * What the API sees of a server.
 *
 * @module
 */

import type { Node } from "../actor/mod.ts";
import type { ApiHost, ApiLogs } from "../api/mod.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { ServerPart } from "./types.ts";
import type { Config } from "../config/mod.ts";
import type { LogsHandle } from "../telemetry/mod.ts";
import type { Endpoint } from "./endpoints.ts";
import { describeServer } from "./info.ts";

function toApiLogs(logs: Pick<LogsHandle, "overrideLevel" | "lines">): ApiLogs {
  return {
    setLevel: (category, level) => logs.overrideLevel(category, level),
    lines: (after, limit) => logs.lines(after, limit),
  };
}

/** Makes what the API asks of a server that starts now. */
export function createApiHost(
  config: Config,
  node: Node,
  endpoints: readonly Endpoint[],
  { logs, cluster, part }: {
    readonly logs: LogsHandle | undefined;
    readonly cluster: Cluster | undefined;
    readonly part: ServerPart | undefined;
  },
): ApiHost {
  const startedAt = new Date();
  const own = part?.logs ?? logs;
  return {
    node,
    endpoints: endpoints.map(({ path, handler }) => ({
      path,
      get connections() {
        return handler.connections;
      },
      list: (filter) => handler.list(filter),
      has: (behavior) => handler.has(behavior),
    })),
    info: () => ({
      ...describeServer(config, endpoints, startedAt),
      ...config.cluster && cluster && { peers: cluster.peers },
    }),
    peers: () => [
      ...part?.others ?? [],
      ...cluster?.peers.filter(({ state }) => state !== "down").map(({ name }) => name) ?? [],
    ],
    logs: own && toApiLogs(own),
  };
}
