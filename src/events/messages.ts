/**
 * Messages to the process of an event server, and what it answers.
 *
 * @module
 */

import type { Alias } from "../actor/mod.ts";
import type { NameWindow } from "../text/mod.ts";

/**
 * A message to the process of an event server, by `send` or `call`.
 *
 * It acts on the connections of all nodes where a process of the same name is an event server;
 * with `scope: "node"` on those of the process that gets it. Where a node does not answer, a
 * `call` is rejected that cannot be answered without it.
 *
 * | kind | reply to a `call` |
 * | --- | --- |
 * | `emit`, `emitMessage` | how many connections accepted it |
 * | `join` | whether the connection is in the room now |
 * | `leave` | whether it was in |
 * | `leaveAll`, `kick` | whether there is such a connection |
 * | `isConnected`, `isJoined` | whether it is |
 * | `count` | how many connections there are, or are in a room |
 * | `connections` | a list of {@linkcode ConnectionInfo}; with `limit` a window, by id |
 * | `rooms` | a window of the rooms, by name: a list of {@linkcode RoomInfo}. The room that each connection has for itself is none of them |
 * | `members` | a window of the connections in a room, by id: a list of {@linkcode ConnectionInfo} |
 *
 * `to` is a room, a connection id, `ALL` or `BROADCAST`, which leaves out `from`.
 */
export type EventCommand =
  & {
    /** Default `"cluster"`. */
    readonly scope?: "node" | "cluster";
  }
  & (
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
    | { readonly kind: "join" | "leave" | "isJoined"; readonly room: string; readonly id: string }
    | { readonly kind: "leaveAll" | "isConnected"; readonly id: string }
    | {
      readonly kind: "kick";
      readonly id: string;
      /** Default 4503. */
      readonly code?: number;
      readonly reason?: string;
    }
    | {
      readonly kind: "count";
      /** Only those in it. Default: all. */
      readonly room?: string;
    }
    | ({
      readonly kind: "connections";
      /** Only those in it. Default: all. */
      readonly room?: string;
    } & Partial<NameWindow>)
    | ({ readonly kind: "rooms" } & Partial<NameWindow>)
    | ({ readonly kind: "members"; readonly room: string } & Partial<NameWindow>)
  );

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
