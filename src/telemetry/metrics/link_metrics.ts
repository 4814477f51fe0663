/**
 * Metrics of the links with the other nodes of a cluster.
 *
 * @module
 */

import type { MetricDefinition } from "../names.ts";

/** What is read of one link. */
export interface LinkReading {
  /** The other node. */
  readonly node: string;
  /** Whether it is reached now. */
  readonly isUp: boolean;
  /** Messages sent. */
  readonly out: number;
  /** Messages that came in. */
  readonly in: number;
  /** Bytes of batches sent. */
  readonly bytesOut: number;
  /** Bytes that came in. */
  readonly bytesIn: number;
  /** Messages that did not arrive. */
  readonly lost: number;
  /** Messages refused for lack of credit. */
  readonly full: number;
  /** Batches of links that were given up, or that could not be read. */
  readonly stale: number;
  /** How often it was given up. */
  readonly relinks: number;
  /** Bytes that may be sent. */
  readonly credit: number;
  /** In milliseconds; 0 while it is not known. */
  readonly roundTripMs: number;
}

/** A metric of a link, with how it is read. */
export type LinkMetric = readonly [
  definition: MetricDefinition,
  read: (link: LinkReading) => number,
];

function link(
  name: string,
  kind: MetricDefinition["kind"],
  unit: string,
  description: string,
  read: (link: LinkReading) => number,
): LinkMetric {
  const attributes = ["node"] as const;
  return [
    Object.freeze({ name: `troupe.link.${name}`, kind, unit, attributes, description }),
    read,
  ];
}

/** Every metric of a link, with how it is read. */
export const LINK_METRICS: readonly LinkMetric[] = Object.freeze([
  link("up", "gauge", "1", "1 while the node is reached, else 0.", (each) => each.isUp ? 1 : 0),
  link("messages.sent", "counter", "{message}", "Messages sent to the node.", (each) => each.out),
  link(
    "messages.received",
    "counter",
    "{message}",
    "Messages that came from the node.",
    (each) => each.in,
  ),
  link(
    "bytes.sent",
    "counter",
    "By",
    "Bytes of batches sent to the node.",
    (each) => each.bytesOut,
  ),
  link("bytes.received", "counter", "By", "Bytes that came from the node.", (each) => each.bytesIn),
  link(
    "lost",
    "counter",
    "{message}",
    "Messages that did not arrive, as far as this side can tell.",
    (each) => each.lost,
  ),
  link("full", "counter", "{message}", "Messages refused for lack of credit.", (each) => each.full),
  link(
    "stale",
    "counter",
    "{batch}",
    "Batches of links that were given up, or that could not be read.",
    (each) => each.stale,
  ),
  link(
    "reconnects",
    "counter",
    "{link}",
    "How often the link was begun anew.",
    (each) => each.relinks,
  ),
  link(
    "credit",
    "gauge",
    "By",
    "Bytes that may be sent before the node confirms some.",
    (each) => each.credit,
  ),
  link(
    "round_trip",
    "gauge",
    "s",
    "Time from a question to the node to its answer; 0 while none is known.",
    (each) => each.roundTripMs / 1_000,
  ),
]);
