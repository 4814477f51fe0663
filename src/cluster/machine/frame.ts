/**
 * Batches for several nodes of one machine in one message: what they have in common once.
 *
 * MessagePack, `[1, shared, [[name, incarnation, parts], …]]`; a part is bytes, or the place of
 * some in `shared`. Put together they are the batch of that node.
 *
 * @module
 */

import { Packr } from "msgpackr/index-no-eval";
import { WIRE_LIMITS } from "../limits.ts";
import type { NodeIdentity } from "../remote_node.ts";
import { scan } from "../wire_scan.ts";

/** Bytes in a batch that other batches have, too. */
export interface SharedPart {
  /** Where they begin. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A batch for one node. */
export interface Addressed {
  readonly to: NodeIdentity;
  readonly bytes: Uint8Array;
  /** In order; the same object stands for the same bytes. */
  readonly shared: readonly SharedPart[];
}

const VERSION = 1;
const MAX_BATCH_BYTES = WIRE_LIMITS.envelopeBytes + WIRE_LIMITS.headBytes;

// `scan` takes 0x40 to 0x7f for records: whoever might write some writes a place otherwise from 64 on.
const writer = new Packr({ useRecords: true });
const reader = new Packr({ useRecords: false });

/** Joins batches; `undefined` if they have nothing in common. */
export function joinFrame(batches: readonly Addressed[]): Uint8Array | undefined {
  const uses = new Map<Uint8Array, number>();
  for (const { shared } of batches) {
    for (const part of new Set(shared.map(({ bytes }) => bytes))) {
      uses.set(part, (uses.get(part) ?? 0) + 1);
    }
  }
  const common = [...uses].filter(([, count]) => count > 1).map(([bytes]) => bytes);
  if (common.length === 0) return undefined;
  const places = new Map(common.map((bytes, place) => [bytes, place]));
  const entries = batches.map(({ to, bytes, shared }) => [
    to.name,
    to.incarnation,
    cut(bytes, shared, places),
  ]);
  return new Uint8Array(writer.pack([VERSION, common, entries]));
}

function cut(
  bytes: Uint8Array,
  shared: readonly SharedPart[],
  places: ReadonlyMap<Uint8Array, number>,
): (Uint8Array | number)[] {
  const parts: (Uint8Array | number)[] = [];
  let done = 0;
  for (const { at, bytes: part } of shared) {
    const place = places.get(part);
    if (place === undefined) continue;
    if (at > done) parts.push(bytes.subarray(done, at));
    parts.push(place);
    done = at + part.length;
  }
  if (done < bytes.length) parts.push(bytes.subarray(done));
  return parts;
}

/**
 * The batches of one node in a frame, in order; `undefined` if the bytes are no frame. Never
 * throws, and makes no batch that would be larger than one is read.
 */
export function readFrame(bytes: Uint8Array, self: NodeIdentity): Uint8Array[] | undefined {
  try {
    scan(bytes);
    const [version, shared, entries] = reader.unpack(bytes);
    if (version !== VERSION || !shared.every(isBytes)) return undefined;
    const batches: Uint8Array[] = [];
    for (const [name, incarnation, parts] of entries) {
      if (name !== self.name || incarnation !== self.incarnation) continue;
      const batch = concat(
        parts.map((part: unknown) => isBytes(part) ? part : shared[Number(part)]),
      );
      if (batch === undefined) return undefined;
      batches.push(batch);
    }
    return batches;
  } catch {
    return undefined;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (!(length <= MAX_BATCH_BYTES)) return undefined;
  const bytes = new Uint8Array(length);
  let position = 0;
  for (const part of parts) {
    bytes.set(part, position);
    position += part.length;
  }
  return bytes;
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
