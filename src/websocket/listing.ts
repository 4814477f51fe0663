/**
 * Lists the connections of a handler.
 *
 * @module
 */

import { hostnameOf } from "./connection/listed.ts";
import type { ListFilter } from "./handler_types.ts";
import type { ListedConnection } from "./messages.ts";
import type { Member, Population } from "./population.ts";

/** A connection, as far as it is listed. */
export interface ListedMember extends Member {
  readonly remoteAddr: string;
  /** Absent before it is open and once it is closing. */
  readonly listed: ListedConnection | undefined;
}

/** Those that are meant, in the order in which they were opened. */
export function* listConnections(
  population: Population<ListedMember>,
  { user, ip }: ListFilter = {},
): Iterable<ListedConnection> {
  const members = user === undefined ? population.open.keys() : population.ofUser(user);
  for (const member of members) {
    if (ip !== undefined && hostnameOf(member.remoteAddr) !== ip) continue;
    const { listed } = member;
    if (listed !== undefined) yield listed;
  }
}
