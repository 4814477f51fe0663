/**
 * Traces and metrics of one server or node.
 *
 * @module
 */

import { assertOptions, optionNames } from "../text/mod.ts";
import {
  type Histogram,
  type Meter,
  metrics,
  ProxyTracerProvider,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { LinkReading } from "./metrics/link_metrics.ts";
import type { ShardReading } from "./metrics/shard_metrics.ts";
import { BoundedCounts } from "./metrics/bounded_counts.ts";
import { EndpointCounts, type EndpointMeter } from "./metrics/endpoint_meter.ts";
import {
  createHistogram,
  createInstruments,
  type Instruments,
  type MailboxDepth,
  type Observed,
} from "./metrics/instruments.ts";
import { METRICS, type SpanName } from "./names.ts";
import type { MeterProvider, TracerProvider } from "./providers.ts";
import { beginSpan, type SpanOptions, type TraceSpan } from "./traces/trace_span.ts";

/** Name under which tracers and meters are asked for. */
export const SCOPE_NAME = "@troupe/troupe";

/** Options of {@linkcode createTelemetry} (seed 004: tracerProvider, meterProvider). */
export interface TelemetryOptions {
  /** Default: the global one, also if it is registered later. */
  readonly tracerProvider?: TracerProvider | undefined;
  /**
   * All of them get every metric; `undefined` is the global one, as it is now.
   * Default: that one alone.
   */
  readonly meterProviders?: readonly (MeterProvider | undefined)[];
}

const OPTIONS = optionNames<TelemetryOptions>({ tracerProvider: true, meterProviders: true });

/** What all endpoints of a server have counted since it started. */
export interface Totals {
  /** Messages that clients sent. */
  readonly messagesReceived: number;
  /** Messages handed to the transport. */
  readonly messagesSent: number;
  /** Bytes of those that clients sent. */
  readonly bytesReceived: number;
  /** Bytes of those handed to the transport. */
  readonly bytesSent: number;
  /** Messages dropped. */
  readonly messagesDropped: number;
  /** Slow clients. */
  readonly slowConsumers: number;
  /** Handshakes answered with an error. */
  readonly refused: number;
  /** How late the event loop was when it was last looked at, in milliseconds. */
  readonly eventLoopLagMs: number;
}

/** Where the rooms report what happens. Nothing here throws. */
export interface Telemetry {
  /** The counters of an endpoint; the same name gives the same. */
  endpoint(name: string): EndpointMeter;
  /** Begins a span; `undefined` while no tracer provider is there. */
  span(name: SpanName, options?: SpanOptions): TraceSpan | undefined;
  /** A server was started, now. */
  started(): void;
  /** It was stopped. */
  stopped(): void;
  /** A supervisor has started a process again. */
  restarted(process: string): void;
  /** How often a process of that name was started again; 0 where that is not known. */
  restartsOf(process: string): number;
  /** A message was refused by a full mailbox. */
  overflowed(kind: string, process: string): void;
  /** What all endpoints have counted so far, and how late the event loop was last. */
  totals(): Totals;
  /** A webhook was answered, refused or given up. */
  webhook(event: string, outcome: string): void;
  /** A request to the operator's API was answered. */
  apiRequest(route: string, outcome: string): void;
  /** A client showed a token, or none: `"accepted"`, `"renewed"`, or what was wrong with it. */
  login(endpoint: string, outcome: string): void;
  /** An actor refused a message that came from that node. */
  refusedFrom(node: string): void;
  /** A call was settled; `outcome` is `"ok"` or the code of its error. */
  called(durationMs: number, outcome: string): void;
  /** The event loop was late. */
  lagged(lagMs: number): void;
  /** Reads mailboxes whenever metrics are collected, until the returned function is called. */
  watchMailboxes(list: () => Iterable<MailboxDepth>): () => void;
  /** Reads links with other nodes, in the same way. */
  watchLinks(list: () => Iterable<LinkReading>): () => void;
  /** Reads shards of keyed processes, in the same way. */
  watchShards(list: () => Iterable<ShardReading>): () => void;
  /** Metrics are read no more, and no provider keeps hold of this; `reopen` undoes it. */
  close(): void;
  /** Metrics are read again, and go on where they were. */
  reopen(): void;
}

/**
 * Creates a place to report to, over OpenTelemetry's API alone: with no
 * provider there, spans are not made and metrics are plain numbers.
 *
 * @throws {TypeError} If there is no such option.
 *
 * Give it to `createNode`; each node without one shares one of its own. Whoever
 * makes one for a part of a program, not for all of it, closes it with that part.
 *
 * @example
 * ```ts
 * import { createNode } from "@troupe/troupe";
 * import { createTelemetry } from "@troupe/troupe/telemetry";
 *
 * const telemetry = createTelemetry(); // or: { tracerProvider, meterProviders: [...] }
 * await using node = createNode({ telemetry });
 * ```
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  assertOptions("create telemetry", options, OPTIONS);
  return new Reports(options);
}

let shared: { readonly meterProvider: MeterProvider; readonly telemetry: Telemetry } | undefined;

/** The one of all nodes that were given none; another one once another global provider is set. */
export function sharedTelemetry(): Telemetry {
  const meterProvider = metrics.getMeterProvider();
  if (shared?.meterProvider !== meterProvider) {
    shared = { meterProvider, telemetry: createTelemetry() };
  }
  return shared.telemetry;
}

class Reports implements Telemetry, Observed {
  readonly endpoints = new Map<string, EndpointCounts>();
  readonly restarts = new BoundedCounts();
  readonly remoteRefusals = new BoundedCounts();
  readonly overflows = new Map<string, BoundedCounts>();
  readonly webhooks = new Map<string, BoundedCounts>();
  readonly apiRequests = new Map<string, BoundedCounts>();
  readonly logins = new Map<string, BoundedCounts>();
  readonly mailboxes = new Set<() => Iterable<MailboxDepth>>();
  readonly links = new Set<() => Iterable<LinkReading>>();
  readonly shards = new Set<() => Iterable<ShardReading>>();
  startTimestampSeconds = 0;
  readonly #tracerProvider: TracerProvider;
  readonly #calls: readonly Histogram[];
  readonly #lags: readonly Histogram[];
  readonly #instruments: readonly Instruments[];
  #isOpen = false;
  #lagMs = 0;
  #tracer: Tracer | undefined;

  constructor({ tracerProvider, meterProviders }: TelemetryOptions) {
    this.#tracerProvider = tracerProvider ?? trace.getTracerProvider();
    const meters = (meterProviders ?? [undefined]).map((given) => {
      const provider: MeterProvider = given ?? metrics.getMeterProvider();
      return provider.getMeter(SCOPE_NAME) as Meter;
    });
    this.#instruments = meters.map((meter) => createInstruments(meter, this));
    this.reopen();
    this.#calls = meters.map((meter) => createHistogram(meter, METRICS.callDuration));
    this.#lags = meters.map((meter) => createHistogram(meter, METRICS.eventLoopLag));
  }

  endpoint(name: string): EndpointMeter {
    let counts = this.endpoints.get(name);
    if (counts === undefined) this.endpoints.set(name, counts = new EndpointCounts());
    return counts;
  }

  span(name: SpanName, options: SpanOptions = {}): TraceSpan | undefined {
    if (this.#tracer === undefined) {
      if (isAbsent(this.#tracerProvider)) return undefined;
      this.#tracer = this.#tracerProvider.getTracer(SCOPE_NAME) as Tracer;
    }
    return beginSpan(this.#tracer, name, options);
  }

  started(): void {
    this.startTimestampSeconds = Date.now() / 1000;
  }

  stopped(): void {
    this.startTimestampSeconds = 0;
  }

  restarted(process: string): void {
    this.restarts.add(process);
  }

  restartsOf(process: string): number {
    return this.restarts.of(process);
  }

  overflowed(kind: string, process: string): void {
    let counts = this.overflows.get(kind);
    if (counts === undefined) this.overflows.set(kind, counts = new BoundedCounts());
    counts.add(process);
  }

  totals(): Totals {
    const all = [...this.endpoints.values()];
    const sum = (read: (counts: EndpointCounts) => number) =>
      all.reduce((total, counts) => total + read(counts), 0);
    return {
      messagesReceived: sum((counts) => counts.messagesReceived),
      messagesSent: sum((counts) => counts.messagesSent),
      bytesReceived: sum((counts) => counts.bytesReceived),
      bytesSent: sum((counts) => counts.bytesSent),
      messagesDropped: sum((counts) => counts.messagesDropped),
      slowConsumers: sum((counts) => counts.consumersSlow),
      refused: sum(({ refusals }) =>
        Array.from(refusals, ([, count]) => count)
          .reduce((total, count) => total + count, 0)
      ),
      eventLoopLagMs: this.#lagMs,
    };
  }

  webhook(event: string, outcome: string): void {
    countIn(this.webhooks, event, outcome);
  }

  apiRequest(route: string, outcome: string): void {
    countIn(this.apiRequests, route, outcome);
  }

  login(endpoint: string, outcome: string): void {
    countIn(this.logins, endpoint, outcome);
  }

  refusedFrom(node: string): void {
    this.remoteRefusals.add(node);
  }

  called(durationMs: number, outcome: string): void {
    for (const histogram of this.#calls) histogram.record(durationMs / 1000, { outcome });
  }

  lagged(lagMs: number): void {
    this.#lagMs = lagMs;
    for (const histogram of this.#lags) histogram.record(lagMs / 1000);
  }

  watchLinks(list: () => Iterable<LinkReading>): () => void {
    this.links.add(list);
    return () => void this.links.delete(list);
  }

  watchShards(list: () => Iterable<ShardReading>): () => void {
    this.shards.add(list);
    return () => void this.shards.delete(list);
  }

  watchMailboxes(list: () => Iterable<MailboxDepth>): () => void {
    this.mailboxes.add(list);
    return () => this.mailboxes.delete(list);
  }

  close(): void {
    if (this.#isOpen) { for (const each of this.#instruments) each.disconnect(); }
    this.#isOpen = false;
  }

  reopen(): void {
    if (!this.#isOpen) { for (const each of this.#instruments) each.connect(); }
    this.#isOpen = true;
  }
}

function countIn(table: Map<string, BoundedCounts>, key: string, label: string): void {
  let counts = table.get(key);
  if (counts === undefined) table.set(key, counts = new BoundedCounts());
  counts.add(label);
}

/** What the API stands in with until somebody registers a provider. */
const ABSENT = new ProxyTracerProvider().getDelegate();

function isAbsent(provider: TracerProvider): boolean {
  return provider instanceof ProxyTracerProvider && provider.getDelegate() === ABSENT;
}
