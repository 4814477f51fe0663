/**
 * Limits that several threads have in common.
 *
 * @module
 */

import { WebSocketHandler } from "./handler.ts";
import type { Handler } from "./handler_types.ts";
import type { OtherCounts } from "./population.ts";

/** Counts the connections of other threads in, wherever a handler looks at its limits. */
export function shareLimits(handler: Handler, others: OtherCounts): void {
  if (handler instanceof WebSocketHandler) handler.population.shareWith(others);
}
