/**
 * Messages that come to all connections of a group.
 *
 * @module
 */

import type { Latencies } from "../latency.ts";
import type { Connection } from "./connection.ts";
import { readBuffer } from "./echo.ts";
import { type Bytes, FrameSource } from "./frames.ts";

/** What goes out and for how long. */
export interface FanOutLoad {
  /** Messages of a group, as their frames, sent over and over. */
  readonly frames: (group: number) => readonly Bytes[];
  /** Messages of a group in flight. */
  readonly depth: number;
  readonly durationMs: number;
  /** Of the last message of each read. */
  readonly latencies?: Latencies;
}

/** Messages of a group whose departure is remembered. */
const REMEMBERED = 4_096;

interface Group {
  readonly source: FrameSource;
  readonly depth: number;
  readonly untilMs: number;
  readonly latencies: Latencies | undefined;
  /** When messages left, by their number modulo `REMEMBERED`. */
  readonly departuresMs: Float64Array;
  /** Messages sent so far. */
  sent: number;
  /** Nothing more is sent. */
  isOver: boolean;
}

/**
 * The first connection of each group sends what comes to all of it; resolves
 * with how many deliveries there were, when the last one has come.
 */
export async function fanOut(
  groups: readonly (readonly Connection[])[],
  load: FanOutLoad,
): Promise<number> {
  const untilMs = performance.now() + load.durationMs;
  const counts = await Promise.all(groups.map((group, i) =>
    fanOutIn(group, {
      source: new FrameSource(load.frames(i), load.depth),
      depth: load.depth,
      untilMs,
      latencies: load.latencies,
      departuresMs: new Float64Array(REMEMBERED),
      sent: 0,
      isOver: false,
    })
  ));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function fanOutIn([first, ...others]: readonly Connection[], group: Group): Promise<number> {
  const counts = await Promise.all([
    drive(first!, group),
    ...others.map((connection) => countUntilOver(connection, group)),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}

function sendMore(from: Connection, group: Group, count: number): Promise<void> {
  const nowMs = performance.now();
  for (let i = 0; i < count; i++) group.departuresMs[group.sent++ % REMEMBERED] = nowMs;
  return from.send(group.source.take(count));
}

async function drive(connection: Connection, group: Group): Promise<number> {
  const buffer = readBuffer(group.source, group.depth);
  let seen = 0;
  await sendMore(connection, group, group.depth);
  while (seen < group.sent) {
    const due = await connection.readMessages(buffer);
    if (due === 0) continue;
    seen += due;
    recordLatency(group, seen);
    if (group.isOver) continue;
    group.isOver = performance.now() > group.untilMs;
    // The last one wakes those who have read all that came before.
    await sendMore(connection, group, group.isOver ? 1 : due);
  }
  return seen;
}

/** Counts what comes until all that was sent has come. */
async function countUntilOver(connection: Connection, group: Group): Promise<number> {
  const buffer = readBuffer(group.source, group.depth);
  let seen = 0;
  while (!group.isOver || seen < group.sent) {
    const due = await connection.readMessages(buffer);
    if (due === 0) continue;
    seen += due;
    recordLatency(group, seen);
  }
  return seen;
}

function recordLatency(group: Group, seen: number): void {
  if (!group.latencies || group.sent - seen >= REMEMBERED) return;
  group.latencies.record(performance.now() - group.departuresMs[(seen - 1) % REMEMBERED]!);
}
