/**
 * Who is in which room, decided by plain functions.
 *
 * @module
 */

/** Receives from everybody: every connection (seed 003: All). */
export const ALL = "";

/** Every connection but the one that sends (seed 003: Broadcast). */
export const BROADCAST = ";to;all;except;me;";

/** The rooms of a server, seen from both sides. A room without members is not kept. */
export interface Rooms {
  /** Connection ids by room. */
  readonly members: Map<string, Set<string>>;
  /** Rooms by connection id, for every connection, in the order in which it joined. */
  readonly joined: Map<string, Set<string>>;
}

/** {@linkcode Rooms} for those who only look. */
export interface RoomsView {
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  readonly joined: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * One step of a decision, to be performed in order: `leaving` tells the
 * listeners while the connection is still a member, `leave` takes it out.
 */
export type RoomStep =
  | { readonly kind: "connect" | "disconnect"; readonly id: string }
  | { readonly kind: "join" | "leaving" | "leave"; readonly id: string; readonly room: string };

/** No rooms. */
export function createRooms(): Rooms {
  return { members: new Map(), joined: new Map() };
}

/** A connection comes: it is in the room of its own id. */
export function planConnect(id: string): RoomStep[] {
  return [{ kind: "connect", id }, { kind: "join", id, room: id }];
}

/** A connection joins; nothing if it is in already or is not connected. */
export function planJoin({ joined }: RoomsView, room: string, id: string): RoomStep[] {
  const rooms = joined.get(id);
  return rooms === undefined || rooms.has(room) ? [] : [{ kind: "join", id, room }];
}

/** A connection leaves; nothing if it is not in. */
export function planLeave({ joined }: RoomsView, room: string, id: string): RoomStep[] {
  if (joined.get(id)?.has(room) !== true) return [];
  return [{ kind: "leaving", id, room }, { kind: "leave", id, room }];
}

/** A connection leaves every room, one after the other, that of its own id last. */
export function planLeaveAll(rooms: RoomsView, id: string): RoomStep[] {
  const joined = rooms.joined.get(id) ?? new Set();
  const others = [...joined].filter((room) => room !== id);
  return [...others, id].flatMap((room) => planLeave(rooms, room, id));
}

/** A connection goes. */
export function planDisconnect(rooms: RoomsView, id: string): RoomStep[] {
  if (!rooms.joined.has(id)) return [];
  return [...planLeaveAll(rooms, id), { kind: "disconnect", id }];
}

/** Performs a step on the rooms; `leaving` changes nothing. */
export function applyRoomStep({ members, joined }: Rooms, step: RoomStep): void {
  if (step.kind === "connect") joined.set(step.id, new Set());
  else if (step.kind === "disconnect") joined.delete(step.id);
  else if (step.kind === "join") {
    joined.get(step.id)?.add(step.room);
    const room = members.get(step.room);
    if (room === undefined) members.set(step.room, new Set([step.id]));
    else room.add(step.id);
  } else if (step.kind === "leave") {
    joined.get(step.id)?.delete(step.room);
    const room = members.get(step.room);
    room?.delete(step.id);
    if (room?.size === 0) members.delete(step.room);
  }
}

/** Ids that a message to a room, an id, {@linkcode ALL} or {@linkcode BROADCAST} goes to. */
export function recipientsOf(
  { members, joined }: RoomsView,
  to: string,
  from?: string,
): Iterable<string> {
  if (to === ALL) return joined.keys();
  if (to !== BROADCAST) return members.get(to) ?? [];
  return from === undefined ? joined.keys() : [...joined.keys()].filter((id) => id !== from);
}

/**
 * Checks the name of a room.
 *
 * @throws {TypeError} If it is no text, or one that stands for something else.
 */
export function assertRoomName(room: unknown): asserts room is string {
  if (typeof room === "string" && room !== ALL && room !== BROADCAST) return;
  throw new TypeError(
    `Cannot use the room name ${typeof room === "string" ? JSON.stringify(room) : String(room)}: ` +
      `expected a text that is neither empty nor ${JSON.stringify(BROADCAST)}`,
  );
}
