/**
 * Checks of what an endpoint asks of the engine that it names.
 *
 * @module
 */

import { OPTION_ROWS } from "../websocket/mod.ts";
import { matchPath } from "./availability.ts";
import { type EngineAsked, engineConflicts } from "./engine_choice.ts";
import { type Problem, showValue, valueAt } from "./problems.ts";

/** Keys that engine `native` would pass over. */
const OF_WS = OPTION_ROWS.filter(([, { native }]) => native === "ignores").map(([, row]) => row);
const EXPECTED = 'expected engine "auto" or "ws"';

/** Problems of endpoints that name `native` and ask for what it does not have. */
export function engineProblems(root: unknown): Problem[] {
  const engines = matchPath(root, ["endpoints", "*"])
    .map(([path, endpoint]) => ({ path, endpoint, engine: valueAt(endpoint, ["engine"]) }));
  const native = engines.filter(({ engine }) => engine === "native");
  const problems: Problem[] = [];
  for (const { path, endpoint } of native) {
    for (const { key, kind } of OF_WS) {
      const value = valueAt(endpoint, [key!]);
      // A flag that is off asks for nothing; a limit that is written down is meant.
      if (value === undefined || (kind === "flag" && value === false)) continue;
      const text = `is ${showValue(value)}, which engine "native" does not have, ${EXPECTED}`;
      problems.push({ path: [...path, key!], text });
    }
  }
  const keepAlive = valueAt(root, ["listen", "keepAliveTimeout"]);
  if (native.length === 0 || keepAlive === undefined) return problems;
  const text = `is ${showValue(keepAlive)}, which engine "native" does not have, ${EXPECTED}`;
  return [...problems, { path: ["listen", "keepAliveTimeout"], text }];
}

/** Problems of endpoints that name `native` beside one that needs `ws`: a listener has one engine. */
export function conflictProblems(config: EngineAsked): Problem[] {
  return engineConflicts(config).map(({ path, other, reason }) => ({
    path: ["endpoints", path, "engine"],
    text: `is "native", but a listener has one engine, and endpoint ${showValue(other)} has "ws" ` +
      `(${reason}), expected "auto" or "ws", or "native" for all endpoints`,
  }));
}
