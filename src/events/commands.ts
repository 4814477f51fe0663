/**
 * What any process, on any node, can ask the process of an event server.
 *
 * @module
 */

import { namesIn, type NameWindow } from "../text/mod.ts";
import { assertCloseFrame } from "../websocket/mod.ts";
import { type Emission, encodeEvent } from "./codec.ts";
import { DEFAULT_WINDOW } from "./gather.ts";
import type { ConnectionInfo, EventCommand, RoomInfo } from "./messages.ts";
import type { Connection, EventServer } from "./types.ts";

/** What the processes of event servers provide: they take {@linkcode EventCommand}s. */
export const ROOMS = "rooms";

/** Close code and reason of `kick`, where it names none. */
export interface KickDefaults {
  readonly code: number;
  readonly reason: string;
}

/** What commands act on. */
export interface CommandHost {
  readonly server: EventServer;
  readonly kick: KickDefaults;
  /** Emits, on all nodes unless `isHere`; counts who accepted it here. */
  emit(
    target: string,
    from: string | undefined,
    emission: Emission,
    except?: readonly string[],
    isHere?: boolean,
  ): number;
  /** Emits on all nodes, and counts who accepted it on all. */
  emitCounted(
    target: string,
    from: string | undefined,
    emission: Emission,
    except?: readonly string[],
  ): number | Promise<number>;
  /** Names of rooms with how many are in each. */
  rooms(window: NameWindow): RoomInfo[];
  roomsOf(id: string): readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
type Handler = (host: CommandHost, fields: Fields, isAsked: boolean) => unknown;

const HANDLERS: Readonly<Record<EventCommand["kind"], Handler>> = {
  emit: (host, fields, isAsked) => {
    const emission = encodeEvent(text(fields, "event"), fields.data);
    return emit(host, fields, isAsked, emission);
  },
  emitMessage: (host, fields, isAsked) => {
    const { body } = fields;
    if (typeof body !== "string" && !(body instanceof Uint8Array)) {
      throw refusal(fields, "body", "a text or a Uint8Array");
    }
    return emit(host, fields, isAsked, { body });
  },
  join: ({ server }, fields) => {
    const [room, id] = [text(fields, "room"), text(fields, "id")];
    server.join(room, id);
    return server.isJoined(room, id);
  },
  leave: ({ server }, fields) => server.leave(text(fields, "room"), text(fields, "id")),
  leaveAll: ({ server }, fields) => {
    const id = text(fields, "id");
    server.leaveAll(id);
    return server.isConnected(id);
  },
  kick: ({ server, kick }, fields) => {
    const { code = kick.code } = fields;
    if (typeof code !== "number") throw refusal(fields, "code", "a number");
    const reason = optionalText(fields, "reason") ?? kick.reason;
    assertCloseFrame(code, reason);
    return server.disconnect(text(fields, "id"), code, reason);
  },
  isConnected: ({ server }, fields) => server.isConnected(text(fields, "id")),
  isJoined: ({ server }, fields) => server.isJoined(text(fields, "room"), text(fields, "id")),
  count: (host, fields) =>
    fields.room === undefined
      ? host.server.getTotalConnections()
      : connectionsOf(host, fields).length,
  connections: (host, fields) => {
    const found = connectionsOf(host, fields);
    if (fields.limit !== undefined) return describeWindow(host, found, fields);
    return found.map((connection) => describe(host, connection));
  },
  rooms: (host, fields) => host.rooms(windowOf(fields)),
  members: (host, fields) => {
    const found = host.server.getConnectionsByRoom(text(fields, "room"));
    return describeWindow(host, found, fields);
  },
};

function describe({ roomsOf }: CommandHost, { id, alias, request }: Connection): ConnectionInfo {
  return { id, alias, remoteAddr: request.remoteAddr, rooms: roomsOf(id) };
}

function describeWindow(
  host: CommandHost,
  found: readonly Connection[],
  fields: Fields,
): ConnectionInfo[] {
  const ids = namesIn(found.values().map(({ id }) => id), windowOf(fields));
  return ids.map((id) => describe(host, host.server.getConnection(id)!));
}

function connectionsOf({ server }: CommandHost, fields: Fields): Connection[] {
  const room = optionalText(fields, "room");
  return room === undefined ? server.getConnections() : server.getConnectionsByRoom(room);
}

function emit(
  host: CommandHost,
  fields: Fields,
  isAsked: boolean,
  emission: Emission,
): number | Promise<number> {
  const [to, from] = [text(fields, "to"), optionalText(fields, "from")];
  const [except, isHere] = [exceptOf(fields), fields.scope === "node"];
  return isAsked && !isHere
    ? host.emitCounted(to, from, emission, except)
    : host.emit(to, from, emission, except, isHere);
}

function windowOf(fields: Fields): NameWindow {
  const { limit = DEFAULT_WINDOW } = fields;
  if (!Number.isSafeInteger(limit) || (limit as number) < 0) {
    throw refusal(fields, "limit", "a whole number");
  }
  const [after, prefix] = [optionalText(fields, "after"), optionalText(fields, "prefix")];
  return { after, prefix, limit: limit as number };
}

function exceptOf(fields: Fields): readonly string[] | undefined {
  const { except } = fields;
  if (except === undefined) return undefined;
  if (Array.isArray(except) && except.every((each) => typeof each === "string")) return except;
  throw refusal(fields, "except", "a list of ids");
}

/**
 * Performs a command and returns the reply to it, if it `isAsked` for.
 *
 * @throws {TypeError} If it is not one of the commands, or a field of it is not what is expected.
 * @throws {RangeError} If the close code of `kick` may not be sent.
 */
export function runCommand(host: CommandHost, message: unknown, isAsked: boolean): unknown {
  const fields = (message ?? {}) as Fields;
  const kind = String(fields.kind);
  if (![undefined, "node", "cluster"].includes(fields.scope as string)) {
    throw refusal(fields, "scope", '"node" or "cluster"');
  }
  if (Object.hasOwn(HANDLERS, kind)) {
    return HANDLERS[kind as EventCommand["kind"]](host, fields, isAsked);
  }
  const kinds = Object.keys(HANDLERS).map((each) => JSON.stringify(each)).join(", ");
  throw new TypeError(
    `Cannot act on a message of kind ${JSON.stringify(kind)}: expected one of ${kinds}`,
  );
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw refusal(fields, name, "a text");
}

function optionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : text(fields, name);
}

function refusal(fields: Fields, name: string, expected: string): TypeError {
  return new TypeError(
    `Cannot act on a message of kind ${JSON.stringify(fields.kind)}: ` +
      `${name} is ${typeof fields[name]}, expected ${expected}`,
  );
}
