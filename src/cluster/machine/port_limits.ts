/**
 * How much may be on its way to one thread of a machine.
 *
 * Batches of links are bounded by the credit of each link. This bounds the rest, and all links
 * together: a thread that computes for long takes nothing in, and others write on.
 *
 * @module
 */

import type { FromDoor } from "./protocol.ts";

/** Bounds of what waits for one thread. */
export const WAITING = Object.freeze({
  /** More is dropped, in bytes: as much as a NATS server keeps for a slow client by default. */
  maxBytes: 67_108_864,
  /** A message takes so much beside its bytes. */
  eachBytes: 256,
});

/** How a thread tells what it has taken in. */
export const TAKEN = Object.freeze({ tellBytes: 262_144 });

/** A transfer of less costs more than a copy, in bytes (Deno 2.9.6). */
const COPY_BELOW_BYTES = 4_096;

/** What something that is told counts for, in bytes. */
export function costOf(told: FromDoor): number {
  return told.kind === "message" ? told.data.length + WAITING.eachBytes : WAITING.eachBytes;
}

/** What is to be moved of bytes that have a buffer of their own. */
export function toTransfer({ buffer, byteLength }: Uint8Array): Transferable[] {
  const isWhole = buffer.byteLength === byteLength && buffer instanceof ArrayBuffer;
  return isWhole && byteLength >= COPY_BELOW_BYTES ? [buffer] : [];
}
