/**
 * What any process, on any node, can ask the process of an event server.
 *
 * @module
 */

import type { Alias } from "../actor/mod.ts";
import { namesIn, type NameWindow } from "../text/mod.ts";
import type { EncodedMessage, EventCodec } from "./codec.ts";
import type { Connection, EventServer } from "./types.ts";

/**
 * A message to the process of an event server, by `send` or `call`.
 *
 * | kind | reply to a `call` |
 * | --- | --- |
 * | `emit`, `emitMessage` | how many connections accepted it |
 * | `join` | whether the connection is in the room now |
 * | `leave` | whether it was in |
 * | `leaveAll`, `kick` | whether there is such a connection |
 * | `connections` | a list of {@linkcode ConnectionInfo} |
 * | `rooms` | a window of the rooms, by name: a list of {@linkcode RoomInfo}. The room that each connection has for itself is none of them |
 * | `members` | a window of the connections in a room, by id: a list of {@linkcode ConnectionInfo} |
 *
 * `to` is a room, a connection id, `ALL` or `BROADCAST`, which leaves out `from`.
 */
export type EventCommand =
  | {
    readonly kind: "emit";
    readonly to: string;
    readonly event: string;
    readonly data?: unknown;
    readonly from?: string;
    /** Ids of connections that do not get it. */
    readonly except?: readonly string[];
  }
  | {
    readonly kind: "emitMessage";
    readonly to: string;
    readonly body: string | Uint8Array;
    readonly from?: string;
    /** Ids of connections that do not get it. */
    readonly except?: readonly string[];
  }
  | { readonly kind: "join" | "leave"; readonly room: string; readonly id: string }
  | { readonly kind: "leaveAll"; readonly id: string }
  | {
    readonly kind: "kick";
    readonly id: string;
    /** Default 4503. */
    readonly code?: number;
    readonly reason?: string;
  }
  | {
    readonly kind: "connections";
    /** Only those in it. Default: all. */
    readonly room?: string;
  }
  | ({ readonly kind: "rooms" } & Partial<NameWindow>)
  | ({ readonly kind: "members"; readonly room: string } & Partial<NameWindow>);

/** What the processes of event servers provide: they take {@linkcode EventCommand}s. */
export const ROOMS = "rooms";

/** A room as plain data. */
export interface RoomInfo {
  /** Its name. */
  readonly room: string;
  /** How many connections are in it. */
  readonly members: number;
}

/** A connection as plain data. */
export interface ConnectionInfo {
  /** As `connection.id`. */
  readonly id: string;
  /** Address of its WebSocket. */
  readonly alias: Alias;
  /** `ip:port` of the peer. */
  readonly remoteAddr: string;
  /** Rooms it is in, that of its own id too. */
  readonly rooms: readonly string[];
}

/** Close code and reason of `kick`, where it names none. */
export interface KickDefaults {
  readonly code: number;
  readonly reason: string;
}

/** What commands act on. */
export interface CommandHost {
  readonly server: EventServer;
  readonly kick: KickDefaults;
  emit(
    target: string,
    from: string | undefined,
    build: (codec: EventCodec) => EncodedMessage,
    except?: readonly string[],
  ): number;
  /** Names of rooms with how many are in each. */
  rooms(window: NameWindow): RoomInfo[];
  roomsOf(id: string): readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
type Handler = (host: CommandHost, fields: Fields) => unknown;

const HANDLERS: Readonly<Record<EventCommand["kind"], Handler>> = {
  emit: (host, fields) => {
    const event = text(fields, "event");
    const build = (codec: EventCodec) => codec.encode(event, fields.data);
    return host.emit(text(fields, "to"), optionalText(fields, "from"), build, exceptOf(fields));
  },
  emitMessage: (host, fields) => {
    const { body } = fields;
    if (typeof body !== "string" && !(body instanceof Uint8Array)) {
      throw refusal(fields, "body", "a text or a Uint8Array");
    }
    const build = (codec: EventCodec) => codec.native(body);
    return host.emit(text(fields, "to"), optionalText(fields, "from"), build, exceptOf(fields));
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
    return server.disconnect(text(fields, "id"), code, reason);
  },
  connections: (host, fields) => {
    const room = optionalText(fields, "room");
    const { server } = host;
    const found = room === undefined ? server.getConnections() : server.getConnectionsByRoom(room);
    return found.map((connection) => describe(host, connection));
  },
  rooms: (host, fields) => host.rooms(windowOf(fields)),
  members: (host, fields) => {
    const found = host.server.getConnectionsByRoom(text(fields, "room"));
    const byId = new Map(found.map((connection) => [connection.id, connection]));
    return namesIn(byId.keys(), windowOf(fields)).map((id) => describe(host, byId.get(id)!));
  },
};

/** Names in a window, where a message asks for no number of them. */
const DEFAULT_WINDOW = 100;

function describe({ roomsOf }: CommandHost, { id, alias, request }: Connection): ConnectionInfo {
  return { id, alias, remoteAddr: request.remoteAddr, rooms: roomsOf(id) };
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
 * Performs a command and returns the reply to it.
 *
 * @throws {TypeError} If it is not one of the commands, or a field of it is not what is expected.
 * @throws {RangeError} If the close code of `kick` may not be sent.
 */
export function runCommand(host: CommandHost, message: unknown): unknown {
  const fields = (message ?? {}) as Fields;
  const kind = String(fields.kind);
  if (Object.hasOwn(HANDLERS, kind)) return HANDLERS[kind as EventCommand["kind"]](host, fields);
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
