/**
 * What keyed processes hand over, as bytes in parts, and those that have arrived.
 *
 * @module
 */

import { Packr } from "msgpackr/index-no-eval";
import { PLACEMENT } from "../limits.ts";

/** A broker may take far less than a mebibyte at a time. */
const PART_BYTES = 32_768;
/** Nobody came for it within that time, in milliseconds. */
const KEEP_MS = 60_000;

const packr = new Packr({ structuredClone: true, moreTypes: true });

/** A part of the state of one process. */
export interface StatePart {
  readonly group: string;
  readonly shard: number;
  /** Of the owner who hands over. */
  readonly fence: number;
  readonly key: string;
  /** From 0. */
  readonly part: number;
  readonly bytes: Uint8Array;
}

/**
 * A state in parts that fit into messages.
 *
 * @throws {RangeError} If it has more than 1 MiB.
 */
export function splitState(state: unknown): Uint8Array[] {
  const bytes = new Uint8Array(packr.pack(state));
  const { stateBytes } = PLACEMENT;
  if (bytes.length > stateBytes) {
    throw new RangeError(
      `Cannot hand over a state: it has ${bytes.length} bytes, at most ${stateBytes} pass`,
    );
  }
  const count = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  return Array.from(
    { length: count },
    (_, part) => bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES),
  );
}

interface Kept {
  readonly fence: number;
  readonly sinceMs: number;
  readonly states: Map<string, Uint8Array[]>;
}

/** States that came before their shards. */
export class Stash {
  readonly #kept = new Map<string, Kept>();

  /** Takes a part. */
  put({ group, shard, fence, key, part, bytes }: StatePart, nowMs: number): void {
    const place = `${group}/${shard}`;
    let kept = this.#kept.get(place);
    if (kept === undefined || kept.fence < fence) {
      kept = { fence, sinceMs: nowMs, states: new Map() };
      this.#kept.set(place, kept);
    }
    if (kept.fence !== fence) return;
    const parts = kept.states.get(key);
    if (parts === undefined) kept.states.set(key, [bytes]);
    else if (parts.length === part) parts.push(bytes);
  }

  /** What the owner with that fence has left, which nobody has twice. */
  take(group: string, shard: number, fence: number | undefined): Map<string, unknown> {
    const place = `${group}/${shard}`;
    const kept = this.#kept.get(place);
    this.#kept.delete(place);
    const states = new Map<string, unknown>();
    if (kept === undefined || kept.fence !== fence) return states;
    for (const [key, parts] of kept.states) states.set(key, packr.unpack(joined(parts)));
    return states;
  }

  /** Forgets what nobody came for. */
  tick(nowMs: number): void {
    for (const [place, { sinceMs }] of this.#kept) {
      if (nowMs - sinceMs > KEEP_MS) this.#kept.delete(place);
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
