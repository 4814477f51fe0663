/**
 * Scenarios over WebSocket for the contestants that can do them.
 *
 * @module
 */

import { type Contestant, CONTESTANTS, type Role, start } from "./contestants.ts";
import { Connection } from "./generator/connection.ts";
import type { Entry } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/** A contestant in a role. */
export interface WebSocketEntry extends Entry {
  readonly contestant: Contestant;
  readonly role: Role;
  readonly compression: boolean;
}

/** Those of `from` that have the role, and compress if that is asked for. */
export function entriesOf(
  role: Role,
  { compression = false, from = CONTESTANTS }: {
    readonly compression?: boolean;
    readonly from?: readonly Contestant[];
  } = {},
): readonly WebSocketEntry[] {
  return from
    .filter(({ roles, compresses }) => roles.includes(role) && (compresses || !compression))
    .map((contestant) => ({
      id: contestant.id,
      title: contestant.title,
      contestant,
      role,
      compression,
      start: () => start(contestant, role, compression),
    }));
}

/** The entry as it was made by `entriesOf()`. */
export function webSocketEntry(entry: Entry): WebSocketEntry {
  if (!("contestant" in entry)) throw new TypeError(`Cannot open ${entry.id}: it is no contestant`);
  return entry as WebSocketEntry;
}

/** Connections opened at once. */
const AT_ONCE = 200;

/** Opens connections; `roomOf` gives each its room. */
export async function openAll(
  { port }: Subject,
  { contestant, role, compression }: WebSocketEntry,
  count: number,
  roomOf: (index: number) => number | undefined = () => undefined,
): Promise<readonly Connection[]> {
  const protocol = contestant.protocol(role);
  const connections: Connection[] = [];
  while (connections.length < count) {
    const length = Math.min(AT_ONCE, count - connections.length);
    const batch = Array.from({ length }, (_, i) => {
      const room = roomOf(connections.length + i);
      return Connection.open({ port, protocol, room, compression });
    });
    connections.push(...await Promise.all(batch));
  }
  return connections;
}
