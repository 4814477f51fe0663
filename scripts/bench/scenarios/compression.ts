/**
 * Echo and fan-out of JSON with permessage-deflate.
 *
 * @module
 */

import { deflateRawSync } from "node:zlib";
import { TROUPE_WS } from "../contestants.ts";
import { entriesOf } from "../entries.ts";
import { type Bytes, clientFrame } from "../generator/frames.ts";
import type { RateScenario } from "../scenario.ts";
import { prepareEcho } from "./echo.ts";
import { prepareFanOut } from "./fan_out.ts";

/** Of the JSON, in bytes; ws compresses from 1024 on. */
const SIZE = 1_024;

/**
 * Messages that are sent by turns: more than fit into the window of 32 KiB, so that who
 * keeps the context between messages does not find the same one in it.
 */
const MESSAGES = 64;

/** A list of readings, of `SIZE` bytes, that deflates as such do; `seed` tells lists apart. */
export function sampleJson(seed: number): string {
  let state = seed + 1;
  const random = (below: number) => {
    // Park and Miller's generator: the same lists in every run.
    state = state * 48_271 % 2_147_483_647;
    return state % below;
  };
  const readings = Array.from({ length: 32 }, () => ({
    id: random(1_000_000_000),
    sensor: `room-${random(40)}`,
    celsius: 10 + random(200) / 10,
    isOpen: random(2) === 0,
  }));
  let count = 0;
  while (JSON.stringify(readings.slice(0, count + 1)).length <= SIZE) count++;
  return JSON.stringify(readings.slice(0, count)).padEnd(SIZE);
}

/** A message as a client compresses it on its own: whole in itself, so that it can be repeated. */
export function compressedFrame(message: string): Bytes {
  // Z_SYNC_FLUSH ends in four bytes that are left off (RFC 7692, section 7.2.1).
  const deflated = deflateRawSync(new TextEncoder().encode(message), { finishFlush: 2 });
  return clientFrame(deflated.subarray(0, -4), { isCompressed: true });
}

const PAYLOADS = Array.from({ length: MESSAGES }, (_, seed) => sampleJson(seed));
const COMMON = { kind: "rate", group: "compression" } as const;

/** What `deno task bench compression` measures. */
export const scenarios: readonly RateScenario[] = [
  {
    ...COMMON,
    id: "compression-echo-100x1",
    isQuick: true,
    title: "Echo with compression, 100 connections × 1 in flight, 1 KiB of JSON",
    unit: "messages",
    entries: entriesOf("echo", { compression: true }),
    goals: [{ entry: TROUPE_WS.id, over: "ws", ratio: 1.3 }],
    prepare: (subject, entry) =>
      prepareEcho(subject, entry, { connections: 100, depth: 1 }, PAYLOADS, compressedFrame),
  },
  {
    ...COMMON,
    id: "compression-fan-out-1000x1",
    title: "Fan-out with compression, 1,000 connections × 1 in flight, 1 KiB of JSON",
    unit: "deliveries",
    entries: entriesOf("broadcast", { compression: true }),
    goals: [{ entry: TROUPE_WS.id, over: "ws", ratio: 10 }],
    prepare: (subject, entry) =>
      prepareFanOut(
        subject,
        entry,
        { rooms: 1, members: 1_000, depth: 1 },
        PAYLOADS,
        compressedFrame,
      ),
  },
];
