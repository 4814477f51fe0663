/**
 * Telemetry that counts nothing: what the benchmark compares with.
 *
 * @module
 */

import type { EndpointMeter } from "./metrics/endpoint_meter.ts";
import type { Telemetry } from "./telemetry.ts";

const nothing = () => {};

const METER: EndpointMeter = Object.freeze({
  refused: nothing,
  opened: nothing,
  closed: nothing,
  received: nothing,
  sent: nothing,
  dropped: nothing,
  slow: nothing,
});

const NO_TOTALS = Object.freeze({
  messagesReceived: 0,
  messagesSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  messagesDropped: 0,
  slowConsumers: 0,
  refused: 0,
  eventLoopLagMs: 0,
});

/** Counts nothing and traces nothing. */
export const SILENT_TELEMETRY: Telemetry = Object.freeze({
  endpoint: () => METER,
  span: () => undefined,
  started: nothing,
  stopped: nothing,
  restarted: nothing,
  restartsOf: () => 0,
  overflowed: nothing,
  totals: () => NO_TOTALS,
  webhook: nothing,
  apiRequest: nothing,
  login: nothing,
  refusedFrom: nothing,
  called: nothing,
  lagged: nothing,
  watchMailboxes: () => nothing,
  watchLinks: () => nothing,
  watchShards: () => nothing,
  close: nothing,
  reopen: nothing,
});
