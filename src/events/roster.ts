/**
 * The connections of a server and their rooms: performs what rooms.ts decides.
 *
 * @module
 */

import type { Alias } from "../actor/mod.ts";
import { namesIn, type NameWindow } from "../text/mod.ts";
import type { EventCodec } from "./codec.ts";
import type { RoomInfo } from "./messages.ts";
import type { OpenConnection } from "./connection.ts";
import type { ConnectionEnd } from "./listeners.ts";
import {
  ALL,
  applyRoomStep,
  createRooms,
  planConnect,
  planDisconnect,
  planJoin,
  planLeave,
  planLeaveAll,
  recipientsOf,
  type RoomStep,
} from "./rooms.ts";

/** What hears of rooms. */
export interface RosterListener {
  /** A room has got its first member or lost its last one; not that of a single connection. */
  room?(kind: "occupied" | "vacated", room: string): void;
  /** The same of every room, and of `ALL`, which has every connection. */
  subject?(kind: "joined" | "left", subject: string): void;
}

/** Who is there, by id, by alias and by room. */
export class Roster {
  readonly #listener: RosterListener;
  readonly #connections = new Map<string, OpenConnection>();
  readonly #byAlias = new Map<Alias, OpenConnection>();
  readonly #rooms = createRooms();

  constructor(listener: RosterListener = {}) {
    this.#listener = listener;
  }

  /** Connections. */
  get size(): number {
    return this.#connections.size;
  }

  /** Rooms that have a member. */
  get rooms(): number {
    return this.#rooms.members.size;
  }

  /** Rooms that have a member, those of single connections too, and `ALL` if there is any. */
  *subjects(): Iterable<string> {
    if (this.size > 0) yield ALL;
    yield* this.#rooms.members.keys();
  }

  get(id: string): OpenConnection | undefined {
    return this.#connections.get(id);
  }

  byAlias(alias: Alias): OpenConnection | undefined {
    return this.#byAlias.get(alias);
  }

  all(): OpenConnection[] {
    return [...this.#connections.values()];
  }

  inRoom(room: string): OpenConnection[] {
    return Array.from(this.#rooms.members.get(room) ?? [], (id) => this.#connections.get(id)!);
  }

  isJoined(room: string, id: string): boolean {
    return this.#rooms.members.get(room)?.has(id) ?? false;
  }

  /** Rooms by name; the one that each connection has for itself is left out. */
  roomsIn(window: NameWindow): RoomInfo[] {
    const { members } = this.#rooms;
    return namesIn(members.keys().filter((room) => !this.#connections.has(room)), window)
      .map((room) => ({ room, members: members.get(room)!.size }));
  }

  /** Rooms of a connection, that of its own id too. */
  roomsOf(id: string): string[] {
    return [...this.#rooms.joined.get(id) ?? []];
  }

  /** Takes in a connection whose id nobody has. */
  add(connection: OpenConnection): void {
    this.#connections.set(connection.id, connection);
    this.#byAlias.set(connection.alias, connection);
    this.#perform(planConnect(connection.id));
  }

  /** Takes one out of its rooms and of the lists, and has it tell its listeners; once. */
  end(connection: OpenConnection, end: ConnectionEnd): void {
    if (!connection.beginEnd()) return;
    this.#perform(planDisconnect(this.#rooms, connection.id));
    this.#connections.delete(connection.id);
    this.#byAlias.delete(connection.alias);
    connection.fireDisconnect(end);
  }

  /** Without effect on one that is in, or that has ended. */
  join(room: string, id: string): void {
    if (this.get(id)?.isConnected) this.#perform(planJoin(this.#rooms, room, id));
  }

  /** False if it was not in. */
  leave(room: string, id: string): boolean {
    const steps = planLeave(this.#rooms, room, id);
    this.#perform(steps);
    return steps.length > 0;
  }

  leaveAll(id: string): void {
    this.#perform(planLeaveAll(this.#rooms, id));
  }

  /** The connections that a message goes to, by their codec. */
  recipients(
    target: string,
    from: string | undefined,
    except: readonly string[] = [],
  ): Map<EventCodec, Alias[]> {
    const excluded = new Set(except);
    const byCodec = new Map<EventCodec, Alias[]>();
    let last: EventCodec | undefined;
    let aliases: Alias[] = [];
    for (const id of recipientsOf(this.#rooms, target, from)) {
      if (excluded.size > 0 && excluded.has(id)) continue;
      const { alias, codec } = this.#connections.get(id)!;
      if (codec !== last) {
        last = codec;
        aliases = byCodec.get(codec) ?? [];
        byCodec.set(codec, aliases);
      }
      aliases.push(alias);
    }
    return byCodec;
  }

  /** Tells of a room that has got its first member or lost its last one. */
  #apply(step: RoomStep): void {
    applyRoomStep(this.#rooms, step);
    const { members, joined } = this.#rooms;
    const isRoom = "room" in step;
    const size = isRoom ? members.get(step.room)?.size ?? 0 : joined.size;
    const isFirst = size === 1 && (step.kind === "join" || step.kind === "connect");
    const isLast = size === 0 && (step.kind === "leave" || step.kind === "disconnect");
    if (!isFirst && !isLast) return;
    this.#listener.subject?.(isFirst ? "joined" : "left", isRoom ? step.room : ALL);
    if (!isRoom || step.room === step.id) return;
    this.#listener.room?.(isFirst ? "occupied" : "vacated", step.room);
  }

  #perform(steps: readonly RoomStep[]): void {
    for (const step of steps) {
      if (step.kind !== "leaving") this.#apply(step);
      // The listeners of a step before may have taken it out, and were told of that.
      else if (this.isJoined(step.room, step.id)) this.get(step.id)?.fireLeave(step.room);
    }
  }
}
