/**
 * The text form of a span's identity (W3C Trace Context, level 1).
 *
 * @module
 */

import { createTraceState, isSpanContextValid, type SpanContext } from "@opentelemetry/api";

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** `00-<trace>-<span>-<flags>`. */
export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/**
 * The identity in a `traceparent` header; `undefined` if there is none that
 * counts. A version above 00 may have further parts, which are left out.
 */
export function parseTraceparent(
  text: string | null | undefined,
  traceState?: string | null,
): SpanContext | undefined {
  const match = TRACEPARENT.exec((text ?? "").trim());
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags, rest] = match;
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  const context: SpanContext = {
    traceId: traceId!,
    spanId: spanId!,
    // Of the flags, only "sampled" is defined.
    traceFlags: parseInt(flags!, 16) & 1,
    isRemote: true,
    ...(traceState ? { traceState: createTraceState(traceState) } : {}),
  };
  return isSpanContextValid(context) ? context : undefined;
}
