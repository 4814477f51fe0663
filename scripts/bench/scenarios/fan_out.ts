/**
 * Fan-out: one message comes to all connections, or to all in a room.
 *
 * @module
 */

import { CONTESTANTS, type Role, TROUPE_WS } from "../contestants.ts";
import { entriesOf, openAll, webSocketEntry } from "../entries.ts";
import { fanOut } from "../generator/fan_out.ts";
import { type Bytes, textFrame } from "../generator/frames.ts";
import { settle } from "../settle.ts";
import type { Entry, Goal, Prepared, RateScenario } from "../scenario.ts";
import type { Subject } from "../subject.ts";

/** A kind of load. */
export interface FanOutShape {
  readonly rooms: number;
  /** Connections in each room. */
  readonly members: number;
  /** Messages of a room in flight. */
  readonly depth: number;
}

/** Payload of a message, in bytes. */
const SIZE = 128;

function goal(over: string, ratio: number): Goal {
  return { entry: TROUPE_WS.id, over, ratio };
}

/** Opens the members of rooms, and sees to it that messages come to all of them. */
export async function prepareFanOut(
  subject: Subject,
  entry: Entry,
  { rooms, members, depth }: FanOutShape,
  payloads: readonly string[],
  frame: (message: string) => Bytes = textFrame,
): Promise<Prepared> {
  const webSocket = webSocketEntry(entry);
  const protocol = webSocket.contestant.protocol(webSocket.role);
  const roomOf = (index: number) => Math.floor(index / members);
  const opened = await openAll(subject, webSocket, rooms * members, roomOf);
  const groups = Array.from(
    { length: rooms },
    (_, room) => opened.slice(room * members, (room + 1) * members),
  );
  for (const [room, group] of groups.entries()) {
    await settle(group, (text) => protocol.message(text, room), payloads[0]!);
  }
  return {
    measure: (durationMs, latencies) =>
      fanOut(groups, {
        frames: (room) => payloads.map((payload) => frame(protocol.message(payload, room))),
        depth,
        durationMs,
        latencies,
      }),
    [Symbol.asyncDispose]: () => {
      opened.forEach((each) => each[Symbol.dispose]());
      return Promise.resolve();
    },
  };
}

function scenario(
  group: "fan-out" | "rooms",
  shape: FanOutShape,
  goals: readonly Goal[] = [],
): RateScenario {
  const { rooms, members, depth } = shape;
  const role: Role = group === "rooms" ? "rooms" : "broadcast";
  const to = `${members.toLocaleString("en-US")} connections`;
  return {
    kind: "rate",
    id: group === "rooms" ? `rooms-${rooms}x${members}` : `fan-out-${members}x${depth}`,
    group,
    title: group === "rooms"
      ? `Rooms, ${rooms} of ${to}, ${depth} in flight in each, ${SIZE} bytes`
      : `Fan-out to ${to} × ${depth} in flight, ${SIZE} bytes`,
    unit: "deliveries",
    entries: entriesOf(role, { from: CONTESTANTS }),
    isQuick: depth === 1,
    goals,
    prepare: (subject, entry) => prepareFanOut(subject, entry, shape, ["x".repeat(SIZE)]),
  };
}

/** What `deno task bench fan-out rooms` measures. */
export const scenarios: readonly RateScenario[] = [
  scenario(
    "fan-out",
    { rooms: 1, members: 1_000, depth: 1 },
    [goal("floor", 0.95), goal("ws", 1.15)],
  ),
  scenario(
    "fan-out",
    { rooms: 1, members: 1_000, depth: 8 },
    [goal("floor", 0.85), goal("bun", 0.6)],
  ),
  scenario("rooms", { rooms: 100, members: 10, depth: 1 }),
];
