/**
 * Keyed processes of a cluster below a supervisor of their own.
 *
 * @module
 */

import {
  createSupervisor,
  definitionOf,
  type Node,
  NODE_DEFAULTS,
  type ProcessFunction,
} from "../../actor/mod.ts";
import type { KeyedGroupOptions } from "./placements.ts";

/**
 * The processes that a function of `keyed` starts.
 *
 * @throws {TypeError} If it is none, or they are one for each connection.
 */
export function superviseKeyed(node: Node, run: ProcessFunction): KeyedGroupOptions {
  const definition = typeof run === "function" ? definitionOf(run) : undefined;
  if (definition === undefined) {
    throw new TypeError("Cannot place keyed processes: expected what keyed() gives");
  }
  const { name, perConnection, options } = definition;
  if (perConnection) {
    throw new TypeError(
      `Cannot place the processes of ${name} over a cluster: they are one for each connection`,
    );
  }
  const ownMs = options.stopTimeoutMs ?? NODE_DEFAULTS.stopTimeoutMs;
  // It ends after all of its own.
  const stopTimeoutMs = ownMs + NODE_DEFAULTS.stopTimeoutMs;
  const child = { id: name, run, restart: "permanent" as const, options: { name, stopTimeoutMs } };
  return {
    name,
    start: () =>
      node.spawn(createSupervisor({ strategy: "one-for-one", children: [child] }), {
        stopTimeoutMs: stopTimeoutMs + NODE_DEFAULTS.stopTimeoutMs,
      }),
  };
}
