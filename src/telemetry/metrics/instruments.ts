/**
 * Instruments that read the counters when they are collected.
 *
 * @module
 */

import type { Histogram, Meter, Observable, ObservableResult } from "@opentelemetry/api";
import { type MetricDefinition, type MetricName, METRICS } from "../names.ts";
import { type BoundedCounts, MAX_LABELS } from "./bounded_counts.ts";
import type { EndpointCounts } from "./endpoint_meter.ts";
import { LINK_METRICS, type LinkReading } from "./link_metrics.ts";
import { SHARD_METRICS, type ShardMetric, type ShardReading } from "./shard_metrics.ts";

/** How many messages wait in a mailbox, or in all mailboxes of a kind. */
export interface MailboxDepth {
  /** `"process"` or `"meta"`. */
  readonly kind: string;
  /** Registered name; empty for all without one. */
  readonly process: string;
  /** Messages. */
  readonly depth: number;
}

/** What instruments read. */
export interface Observed {
  readonly endpoints: ReadonlyMap<string, EndpointCounts>;
  readonly restarts: BoundedCounts;
  /** By the node that sent what was refused. */
  readonly remoteRefusals: BoundedCounts;
  /** By kind of actor, then by name. */
  readonly overflows: ReadonlyMap<string, BoundedCounts>;
  /** By event, then by outcome. */
  readonly webhooks: ReadonlyMap<string, BoundedCounts>;
  /** By route, then by outcome. */
  readonly apiRequests: ReadonlyMap<string, BoundedCounts>;
  /** By endpoint, then by outcome. */
  readonly logins: ReadonlyMap<string, BoundedCounts>;
  readonly mailboxes: Iterable<() => Iterable<MailboxDepth>>;
  readonly links: Iterable<() => Iterable<LinkReading>>;
  readonly shards: Iterable<() => Iterable<ShardReading>>;
  /** 0 while it is stopped. */
  readonly startTimestampSeconds: number;
}

type Read = (observed: Observed, result: ObservableResult) => void;

/** Reads a number of each endpoint. */
function ofEndpoints(read: (counts: EndpointCounts) => number): Read {
  return ({ endpoints }, result) => {
    for (const [endpoint, counts] of endpoints) result.observe(read(counts), { endpoint });
  };
}

/** Reads the labelled numbers of each endpoint. */
function ofEndpointLabels(label: string, read: (counts: EndpointCounts) => BoundedCounts): Read {
  return ({ endpoints }, result) => {
    for (const [endpoint, counts] of endpoints) {
      for (const [value, count] of read(counts)) {
        result.observe(count, { endpoint, [label]: value });
      }
    }
  };
}

/** Reads what became of each thing of a kind. */
function ofOutcomes(
  label: string,
  read: (observed: Observed) => ReadonlyMap<string, BoundedCounts>,
): Read {
  return (observed, result) => {
    for (const [value, counts] of read(observed)) {
      for (const [outcome, count] of counts) result.observe(count, { [label]: value, outcome });
    }
  };
}

const READS: Readonly<Partial<Record<MetricName, Read>>> = {
  connections: ofEndpoints(({ connections }) => connections),
  connectionsActive: ofEndpoints(({ active }) => active),
  messagesReceived: ofEndpoints(({ messagesReceived }) => messagesReceived),
  messagesSent: ofEndpoints(({ messagesSent }) => messagesSent),
  bytesReceived: ofEndpoints(({ bytesReceived }) => bytesReceived),
  bytesSent: ofEndpoints(({ bytesSent }) => bytesSent),
  messagesDropped: ofEndpoints(({ messagesDropped }) => messagesDropped),
  consumersSlow: ofEndpoints(({ consumersSlow }) => consumersSlow),
  connectionsClosed: ofEndpointLabels("code", ({ codes }) => codes),
  handshakesRefused: ofEndpointLabels("reason", ({ refusals }) => refusals),
  startTimestamp: ({ startTimestampSeconds }, result) => result.observe(startTimestampSeconds),
  started: ({ startTimestampSeconds }, result) => result.observe(startTimestampSeconds > 0 ? 1 : 0),
  processRestarts: ({ restarts }, result) => {
    for (const [process, count] of restarts) result.observe(count, { process });
  },
  remoteRefusals: ({ remoteRefusals }, result) => {
    for (const [node, count] of remoteRefusals) result.observe(count, { node });
  },
  webhooks: ofOutcomes("event", ({ webhooks }) => webhooks),
  apiRequests: ofOutcomes("route", ({ apiRequests }) => apiRequests),
  logins: ofOutcomes("endpoint", ({ logins }) => logins),
  mailboxOverflows: ({ overflows }, result) => {
    for (const [kind, counts] of overflows) {
      for (const [process, count] of counts) result.observe(count, { kind, process });
    }
  },
};

/** Reads the depths, and 0 once for mailboxes that are gone: a provider keeps the last value. */
function createDepthRead(): Read {
  let before = new Map<string, MailboxDepth>();
  return ({ mailboxes }, result) => {
    const sums = sumDepths(mailboxes);
    for (const [key, each] of before) if (!sums.has(key)) sums.set(key, { ...each, depth: 0 });
    for (const { kind, process, depth } of sums.values()) result.observe(depth, { kind, process });
    before = new Map([...sums].filter(([, { depth }]) => depth > 0));
  };
}

/** Depths by kind and name; names beyond the bound are summed as `other`. */
function sumDepths(mailboxes: Observed["mailboxes"]): Map<string, MailboxDepth> {
  const sums = new Map<string, MailboxDepth>();
  for (const list of mailboxes) {
    for (const { kind, process, depth } of list()) {
      const isKnown = sums.has(`${kind} ${process}`) || sums.size < MAX_LABELS;
      const key = isKnown ? process : "other";
      const before = sums.get(`${kind} ${key}`)?.depth ?? 0;
      sums.set(`${kind} ${key}`, { kind, process: key, depth: before + depth });
    }
  }
  return sums;
}

/** Reads a number of each link. */
function ofLinks(read: (link: LinkReading) => number): Read {
  return ({ links }, result) => {
    for (const list of links) {
      for (const each of list()) result.observe(read(each), { node: each.node });
    }
  };
}

/** Reads the shards of each name of keyed processes. */
function ofShards(read: ShardMetric["read"]): Read {
  return ({ shards }, result) => {
    for (const list of shards) {
      for (const each of list()) {
        for (const [value, more] of read(each)) {
          result.observe(value, { process: each.process, ...more });
        }
      }
    }
  };
}

function createObservable(meter: Meter, definition: MetricDefinition): Observable {
  const { name, kind, unit, description } = definition;
  switch (kind) {
    case "counter":
      return meter.createObservableCounter(name, { unit, description });
    case "updown":
      return meter.createObservableUpDownCounter(name, { unit, description });
    default:
      return meter.createObservableGauge(name, { unit, description });
  }
}

/** The instruments of one meter. */
export interface Instruments {
  /** The meter reads them. */
  connect(): void;
  /** It does so no more, and keeps nothing of what they read. */
  disconnect(): void;
}

/** Gives a meter an instrument for each metric that is read from counters. */
export function createInstruments(meter: Meter, observed: Observed): Instruments {
  const reads = { ...READS, mailboxDepth: createDepthRead() };
  const all: readonly (readonly [MetricDefinition, Read])[] = [
    ...Object.entries(reads).map(([name, read]) => [METRICS[name as MetricName], read] as const),
    ...LINK_METRICS.map(([definition, read]) => [definition, ofLinks(read)] as const),
    ...SHARD_METRICS.map(({ definition, read }) => [definition, ofShards(read)] as const),
  ];
  const connections = all.map(([definition, read]) => ({
    observable: createObservable(meter, definition),
    callback: (result: ObservableResult) => read(observed, result),
  }));
  return {
    connect() {
      for (const { observable, callback } of connections) observable.addCallback(callback);
    },
    disconnect() {
      for (const { observable, callback } of connections) observable.removeCallback(callback);
    },
  };
}

/** A histogram with the buckets of its definition. */
export function createHistogram(
  meter: Meter,
  { name, unit, description, boundaries }: MetricDefinition,
): Histogram {
  const advice = { explicitBucketBoundaries: [...boundaries ?? []] };
  return meter.createHistogram(name, { unit, description, advice });
}
