/**
 * Spans of what the API delivers, below the request that asked for it, on whichever node that is.
 *
 * @module
 */

import type { SpanAttributes, TraceSpan } from "../telemetry/mod.ts";
import type { ApiHost } from "./host.ts";

/**
 * Delivers within a span; without one around it if nobody records the request.
 *
 * @param trace Span of the request, as a `traceparent` text.
 * @param readOutcome What the span tells of the result.
 */
export async function traceDelivery<T>(
  { node }: Pick<ApiHost, "node">,
  trace: string | undefined,
  deliver: () => T | Promise<T>,
  readOutcome: (result: T) => SpanAttributes,
): Promise<T> {
  const span = trace === undefined
    ? undefined
    : node.telemetry.span("deliver", { parent: trace, attributes: { "troupe.node": node.name } });
  if (span === undefined) return await deliver();
  try {
    const result = await deliver();
    span.set(readOutcome(result));
    return result;
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks a span with what was thrown, also if that is no error. */
export function markFailed(span: TraceSpan | undefined, error: unknown): void {
  span?.fail(error instanceof Error ? error.message : String(error));
}
