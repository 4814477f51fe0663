/**
 * What stands in the store: it may have been written by anybody.
 *
 * @module
 */

import type { ClaimEntry, Owner } from "./claim.ts";
import type { LeaseRecord } from "./lease.ts";

/** What stands under a key that one node owns. */
export interface StoredOwner extends Pick<ClaimEntry, "from"> {
  readonly owner: Owner | undefined;
}

/** Whether that is what a node writes under its name. */
export function isLeaseRecord(value: unknown): value is LeaseRecord {
  const { node, incarnation, session, sinceMs } = (value ?? {}) as Partial<LeaseRecord>;
  return typeof node === "string" && typeof incarnation === "string" &&
    Number.isSafeInteger(session) && Number.isSafeInteger(sinceMs);
}

/** The owner of a key, and who gave it to that one. */
export function toEntry(value: unknown): StoredOwner {
  const { node, incarnation, session, from } = (value ?? {}) as Partial<Owner & ClaimEntry>;
  const isSound = typeof node === "string" && typeof incarnation === "string" &&
    Number.isSafeInteger(session);
  if (!isSound) return { owner: undefined };
  return {
    owner: { node, incarnation, session: session! },
    ...Number.isSafeInteger(from) && { from },
  };
}

/** The names of the keyed processes that a node takes shards of. */
export function groupsOf({ groups }: LeaseRecord): readonly string[] {
  return Array.isArray(groups) ? groups : [];
}
