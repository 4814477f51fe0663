/**
 * A process whose messages from connections a test can wait for.
 *
 * @module
 */

import type { Process, ProcessFunction } from "../../src/actor/mod.ts";
import { Inbox as AnyInbox } from "../../src/testing/inbox.ts";
import {
  type ConnectMessage,
  type DisconnectMessage,
  isConnect,
  isDisconnect,
  isMessage,
  type WebSocketMessage,
} from "../../src/websocket/mod.ts";

/** The messages of a connection by their kind. */
export interface Kinds {
  readonly connect: ConnectMessage;
  readonly message: WebSocketMessage;
  readonly disconnect: DisconnectMessage;
}

const IS_KIND = { connect: isConnect, message: isMessage, disconnect: isDisconnect };

/** What a process does with a message besides keeping it. */
export type Reaction = (self: Process, message: unknown) => void | Promise<void>;

/** Keeps every message of the process that runs it, by the kinds of connections. */
export class Inbox {
  readonly #inbox: AnyInbox;
  /** The process. */
  readonly run: ProcessFunction;

  constructor(react?: Reaction) {
    this.#inbox = new AnyInbox(react);
    this.run = this.#inbox.run;
  }

  /** All messages, in the order in which they came. */
  get messages(): readonly unknown[] {
    return this.#inbox.messages;
  }

  /** The messages of one kind so far. */
  all<K extends keyof Kinds>(kind: K): Kinds[K][] {
    return this.messages.filter((each) => IS_KIND[kind](each)) as unknown as Kinds[K][];
  }

  /** The first message of a kind that was not taken yet; waits for it. */
  take<K extends keyof Kinds>(kind: K): Promise<Kinds[K]> {
    return this.#inbox.take(`a ${kind}`, IS_KIND[kind]) as unknown as Promise<Kinds[K]>;
  }

  /** Waits until there are that many messages of a kind, and gives them all. */
  count<K extends keyof Kinds>(kind: K, count: number): Promise<Kinds[K][]> {
    return this.#inbox.count(count, kind, IS_KIND[kind]) as unknown as Promise<Kinds[K][]>;
  }
}

/** A reaction: sends text and binary messages back. */
export const echoes: Reaction = (self, message) => {
  if (!isMessage(message)) return;
  const { id, type, body } = message;
  self.send(id, { kind: "message", type, body });
};
