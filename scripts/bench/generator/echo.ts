/**
 * Many connections that each keep a number of messages in flight.
 *
 * @module
 */

import { Flights, type Latencies } from "../latency.ts";
import type { Connection } from "./connection.ts";
import { type Bytes, FrameSource } from "./frames.ts";
import { Pack } from "./pack.ts";

/** What goes out and for how long. */
export interface EchoLoad {
  /** Messages, as their frames, sent over and over. */
  readonly frames: readonly Bytes[];
  /** Messages in flight on each connection. */
  readonly depth: number;
  readonly durationMs: number;
  /** Of the first message of each read. */
  readonly latencies?: Latencies;
}

/** Bytes that a read takes at most. */
const READ_BYTES = { least: 2_048, most: 65_536 } as const;
/** A reply may be longer than what it answers. */
const REPLY_FACTOR = 2;

/** A buffer for as many replies. */
export function readBuffer({ frameBytes }: FrameSource, depth: number): Bytes {
  const wanted = frameBytes * depth * REPLY_FACTOR;
  return new Uint8Array(Math.min(READ_BYTES.most, Math.max(READ_BYTES.least, wanted)));
}

/** Echoes on open connections; resolves with how many there were, when all are back. */
export async function echo(connections: readonly Connection[], load: EchoLoad): Promise<number> {
  const untilMs = performance.now() + load.durationMs;
  const pack = new Pack(connections.length);
  const counts = await Promise.all(
    connections.map((connection, i) => {
      const source = new FrameSource(load.frames, load.depth, i);
      return echoOn(connection, load, source, pack, untilMs);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function echoOn(
  connection: Connection,
  { depth, latencies }: EchoLoad,
  source: FrameSource,
  pack: Pack,
  untilMs: number,
): Promise<number> {
  const buffer = readBuffer(source, depth);
  const flights = new Flights();
  let sent = depth;
  let echoed = 0;
  let exchanges = 0;
  flights.depart(depth, performance.now());
  await connection.send(source.take(depth));
  while (echoed < sent) {
    const due = await connection.readMessages(buffer);
    if (due === 0) continue;
    echoed += due;
    const landedMs = performance.now();
    latencies?.record(landedMs - flights.land(due));
    if (landedMs > untilMs) continue;
    const done = Math.floor(echoed / depth);
    const together = done === exchanges ? undefined : pack.advance(exchanges, done);
    exchanges = done;
    if (together !== undefined) await together;
    flights.depart(due, performance.now());
    sent += due;
    await connection.send(source.take(due));
  }
  pack.leave(exchanges);
  return echoed;
}
