/**
 * One span of a trace.
 *
 * @module
 */

import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import { redactText } from "../../text/mod.ts";
import { type SpanName, SPANS } from "../names.ts";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";

/** What a span tells besides its name. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** How a span begins. */
export interface SpanOptions {
  /** Identity of its parent, as a `traceparent` text. Default: the caller's active span. */
  readonly parent?: string | undefined;
  /** Headers of the request that it answers, names in lower case: their `traceparent` is continued. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether the caller's active span may be its parent; not so where the caller
   * runs long after what it was started by. Default true.
   */
  readonly inherits?: boolean;
  /** Known from the start. */
  readonly attributes?: SpanAttributes;
}

/** A span that has begun; `end` is called once. */
export class TraceSpan {
  readonly #tracer: Tracer;
  readonly #span: Span;

  /** Takes a span of the tracer; begin one with `Telemetry.span`. */
  constructor(tracer: Tracer, span: Span) {
    this.#tracer = tracer;
    this.#span = span;
  }

  /** Its identity, to be sent along in messages; `undefined` if it is not recorded. */
  get traceparent(): string | undefined {
    const spanContext = this.#span.spanContext();
    const isSampled = (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
    return isSampled ? formatTraceparent(spanContext) : undefined;
  }

  /** Begins a span below this one. */
  child(name: SpanName, attributes: SpanAttributes = {}): TraceSpan {
    return begin(this.#tracer, name, trace.setSpan(ROOT_CONTEXT, this.#span), attributes);
  }

  /** Adds attributes. */
  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes as Attributes);
  }

  /** Marks it as failed. */
  fail(message: string): void {
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(message) });
  }

  /** Ends it. */
  end(): void {
    this.#span.end();
  }
}

/** Identity of the caller's active span, to be sent along in messages; `undefined` without one. */
export function activeTraceparent(): string | undefined {
  const spanContext = trace.getSpanContext(context.active());
  return spanContext && formatTraceparent(spanContext);
}

/** Begins a span below what the options name. */
export function beginSpan(tracer: Tracer, name: SpanName, options: SpanOptions): TraceSpan {
  return begin(tracer, name, parentContext(options), options.attributes ?? {});
}

function begin(
  tracer: Tracer,
  name: SpanName,
  parent: Context,
  attributes: SpanAttributes,
): TraceSpan {
  const kind = name === "accept" || name === "apiRequest" ? SpanKind.SERVER : SpanKind.INTERNAL;
  const options = { kind, attributes: attributes as Attributes };
  return new TraceSpan(tracer, tracer.startSpan(SPANS[name].name, options, parent));
}

function parentContext({ parent, headers, inherits = true }: SpanOptions): Context {
  if (parent !== undefined) return below(parseTraceparent(parent));
  const active = inherits ? context.active() : ROOT_CONTEXT;
  const remote = parseTraceparent(headers?.traceparent, headers?.tracestate);
  // An instrumented listener, such as Deno's, has continued the trace already.
  const isContinued = trace.getSpanContext(active)?.traceId === remote?.traceId;
  return remote === undefined || isContinued ? active : below(remote);
}

function below(spanContext: ReturnType<typeof parseTraceparent>): Context {
  return spanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext);
}
