/**
 * What is counted of one link.
 *
 * @module
 */

import type { LinkReading } from "../telemetry/mod.ts";

/** Counts of one link, from the first time that its node was heard of. */
export interface LinkMeter {
  /** Messages that were sent. */
  out: number;
  /** Messages that came in. */
  in: number;
  /** Bytes of the batches that were sent. */
  bytesOut: number;
  /** Bytes that came in. */
  bytesIn: number;
  /** Messages that were sent and did not arrive, as far as either side can tell. */
  lost: number;
  /** Messages refused for lack of credit. */
  full: number;
  /** Batches of links that were given up. */
  stale: number;
  /** Bytes that came in and are no batch, and messages of a kind that is not known here. */
  refused: number;
  /** How often the link was given up. */
  relinks: number;
}

/** Counts of a link that begins. */
export function createLinkMeter(): LinkMeter {
  return {
    out: 0,
    in: 0,
    bytesOut: 0,
    bytesIn: 0,
    lost: 0,
    full: 0,
    stale: 0,
    refused: 0,
    relinks: 0,
  };
}

/** What is told of a link in metrics. */
export function readLink(
  meter: LinkMeter,
  link: Pick<LinkReading, "node" | "isUp" | "credit" | "roundTripMs">,
): LinkReading {
  return { ...meter, ...link, stale: meter.stale + meter.refused };
}
