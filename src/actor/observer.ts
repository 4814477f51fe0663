/**
 * What an operator sees of a node: all of its actors, their relations, what passes.
 *
 * @module
 */

import type { Envelope } from "./envelope.ts";
import type { Address, Pid } from "./identities.ts";
import type { RelationLists } from "./relations.ts";

/** Is told of each message that is offered to an actor of the node, before it gets it. */
export type Tap = (to: Address, envelope: Envelope) => void;

/** What an operator sees of a node. Looking changes nothing, and costs nothing while nobody does. */
export interface NodeObserver {
  /**
   * All actors in the order of their creation, from the one after `after` on. The same row is
   * given each time, with another actor in it: read it at once.
   */
  rows(after?: Address): Iterable<ActorRow>;
  /**
   * The rows of some windows, for those who look at them again and again: from the third time on
   * the time that it takes does not grow with the number of actors. Until nobody has looked for
   * some seconds each message costs a little more. Read the rows at once.
   */
  windows(windows: readonly ActorWindow[]): ActorRow[][];
  /** Who is linked to an actor, watches it, or the other way round: `limit` of each at most. */
  relations(address: Address, limit: number): RelationLists;
  /** Processes that have said what they provide, in the order in which they did. */
  providers(service: string): Pid[];
  /** Has `tap` told of every message, until the returned function is called. It must not throw. */
  tap(tap: Tap): () => void;
}

/** The first actors in some order. */
export interface ActorWindow {
  /** Tells it from others: windows of the same id mean the same. */
  readonly id: string;
  /** Rows that it has at most. */
  readonly limit: number;
  /** Numbers have the largest first, names are in their order. Default: as they were created. */
  readonly by?: "name" | "mailboxDepth" | "accepted" | "overflows" | undefined;
  /** Only children of this one, `""` for those without a parent. Default: all. */
  readonly parent?: string | undefined;
  /** Which actors are meant, by what does not change but the name. Default: all. */
  readonly isMeant?: ((row: ActorRow) => boolean) | undefined;
}

/** One actor, as a look at all of them shows it. */
export interface ActorRow {
  /** Its identity. */
  readonly address: Address;
  /** `"meta"`: a connection, a handler, or another meta-process. */
  readonly kind: "process" | "meta";
  /** Registered name; empty for none. */
  readonly name: string;
  /** Who spawned it; empty for none. */
  readonly parent: string;
  /** `"stopping"` from the wish that it stop to its end. */
  readonly state: "running" | "stopping" | "ended";
  /** Messages that wait. */
  readonly mailboxDepth: number;
  /** Messages that may wait. */
  readonly mailboxSize: number;
  /** Messages taken in so far. */
  readonly accepted: number;
  /** Messages refused because the mailbox was full. */
  readonly overflows: number;
  /** Of a meta-process, until it is told to terminate. */
  readonly behavior?: object | undefined;
}
