/**
 * What a node is asked by the API of any node, and what it answers: plain data.
 *
 * @module
 */

import type { GivenMessage } from "./fields.ts";
import type { Level } from "./host.ts";

/** Orders of the table of actors. */
export const ACTOR_ORDERS = ["id", "name", "mailbox", "accepted", "overflows"] as const;

/** A window of the actors of a node. */
export interface ActorsQuestion {
  readonly kind: "actors";
  readonly of?: "process" | "connection" | "meta" | undefined;
  readonly sort: (typeof ACTOR_ORDERS)[number];
  readonly limit: number;
  readonly after?: string | undefined;
  readonly prefix?: string | undefined;
  readonly q?: string | undefined;
  /** Only children of this one. */
  readonly parent?: string | undefined;
}

/** Which connections are meant; each that is left out is any. */
export interface ConnectionFilter {
  readonly endpoint?: string | undefined;
  readonly user?: string | undefined;
  readonly ip?: string | undefined;
}

/** What is published in rooms: an event, or a message as it is. */
export interface Publication extends GivenMessage {
  readonly event?: string | undefined;
  readonly data?: unknown;
  readonly except?: readonly string[] | undefined;
}

/** What is delivered for a request. */
export interface Delivering {
  /** Span of the request, as a `traceparent` text; only while it is recorded. */
  readonly trace?: string | undefined;
}

/** What a node is asked. */
export type Question =
  | ActorsQuestion
  | ({
    readonly kind: "connections";
    readonly after?: string | undefined;
    readonly limit: number;
  } & ConnectionFilter)
  | (
    & { readonly kind: "close"; readonly code: number; readonly reason: string }
    & ConnectionFilter
    & Delivering
  )
  | (
    & { readonly kind: "send"; readonly user: string; readonly message: GivenMessage }
    & Delivering
  )
  | {
    readonly kind: "rooms";
    readonly after?: string | undefined;
    readonly prefix?: string | undefined;
    readonly limit: number;
  }
  | {
    readonly kind: "members";
    readonly room: string;
    readonly after?: string | undefined;
    readonly limit: number;
  }
  | ({
    readonly kind: "publish";
    readonly rooms: readonly string[];
    readonly publication: Publication;
  } & Delivering)
  | { readonly kind: "topics" }
  | ({
    readonly kind: "publishTopics";
    readonly topics: readonly string[];
    readonly data: unknown;
  } & Delivering)
  | { readonly kind: "tree"; readonly open: readonly string[]; readonly limit: number }
  | { readonly kind: "relations"; readonly id: string; readonly limit: number }
  | { readonly kind: "log"; readonly limit: number }
  | {
    readonly kind: "logLevel";
    readonly logger: string;
    readonly level: Level;
    readonly forMs: number;
  }
  | { readonly kind: "node" };

/** One row of the table of actors. */
export interface ActorInfo {
  readonly id: string;
  readonly node: string;
  readonly kind: "process" | "meta";
  readonly name: string;
  readonly parent: string;
  readonly state: string;
  readonly mailbox: number;
  readonly mailboxSize: number;
  readonly accepted: number;
  readonly overflows: number;
  /** How often its supervisor has started it again, if it has a name. */
  readonly restarts: number;
}

/** A connection. */
export interface ConnectionRow {
  readonly id: string;
  readonly node: string;
  readonly endpoint: string;
  readonly remoteAddr: string;
  /** Empty for one that nobody has logged in on. */
  readonly user: string;
  readonly openMs: number;
}

/** What came of a publication on one node. */
export interface Published {
  /** Processes that took it. */
  readonly takers: number;
  /** Connections that accepted it. */
  readonly connections: number;
}
