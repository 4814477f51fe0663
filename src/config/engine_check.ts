/**
 * Checks of what an endpoint asks of the engine that it names.
 *
 * @module
 */

import { matchPath } from "./availability.ts";
import { type Problem, showValue, valueAt } from "./problems.ts";

/** Keys that engine `native` would pass over, and the values that ask for nothing. */
const OF_WS: readonly (readonly [key: string, asksNothing: readonly unknown[]])[] = [
  ["compression", [false]],
  ["pingPeriod", []],
  ["pongTimeout", []],
  ["readBufferSize", []],
  ["writeBufferSize", []],
];
const EXPECTED = 'expected engine "auto" or "ws"';

/** Problems of endpoints that name `native` and ask for what it does not have. */
export function engineProblems(root: unknown): Problem[] {
  const engines = matchPath(root, ["endpoints", "*"])
    .map(([path, endpoint]) => ({ path, endpoint, engine: valueAt(endpoint, ["engine"]) }));
  const native = engines.filter(({ engine }) => engine === "native");
  const problems: Problem[] = [];
  for (const { path, endpoint } of native) {
    for (const [key, asksNothing] of OF_WS) {
      const value = valueAt(endpoint, [key]);
      if (value === undefined || asksNothing.includes(value)) continue;
      const text = `is ${showValue(value)}, which engine "native" does not have, ${EXPECTED}`;
      problems.push({ path: [...path, key], text });
    }
  }
  const isMixed = native.length > 0 && native.length < engines.length;
  if (!isMixed || valueAt(root, ["listen", "tls"]) === undefined) return problems;
  // Deno.upgradeWebSocket takes over TCP sockets only, no TLS ones.
  const text = 'is "native", which cannot share a TLS listener with another engine, expected ' +
    '"auto" or "ws", or "native" for all endpoints';
  return [...problems, ...native.map(({ path }) => ({ path: [...path, "engine"], text }))];
}
