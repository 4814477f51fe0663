/**
 * A process whose messages a test can wait for.
 *
 * @module
 */

import type { Process, ProcessFunction } from "../../src/actor/mod.ts";
import {
  type ConnectMessage,
  type DisconnectMessage,
  isConnect,
  isDisconnect,
  isMessage,
  type WebSocketMessage,
} from "../../src/websocket/mod.ts";
import { inDeadline } from "../helpers/deadline.ts";

/** The messages of a connection by their kind. */
export interface Kinds {
  readonly connect: ConnectMessage;
  readonly message: WebSocketMessage;
  readonly disconnect: DisconnectMessage;
}

const IS_KIND = { connect: isConnect, message: isMessage, disconnect: isDisconnect };

/** What a process does with a message besides keeping it. */
export type Reaction = (self: Process, message: unknown) => void | Promise<void>;

/** Keeps every message of the process that runs it. */
export class Inbox {
  /** All messages, in the order in which they came. */
  readonly messages: unknown[] = [];
  readonly #taken = new Set<unknown>();
  readonly #react: Reaction | undefined;
  #arrival = Promise.withResolvers<void>();

  constructor(react?: Reaction) {
    this.#react = react;
  }

  /** The process. */
  readonly run: ProcessFunction = async (self) => {
    for await (const { message } of self) {
      this.messages.push(message);
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers();
      await this.#react?.(self, message);
    }
  };

  /** The messages of one kind so far. */
  all<K extends keyof Kinds>(kind: K): Kinds[K][] {
    return this.messages.filter((each) => IS_KIND[kind](each)) as unknown as Kinds[K][];
  }

  /** The first message of a kind that was not taken yet; waits for it. */
  async take<K extends keyof Kinds>(kind: K): Promise<Kinds[K]> {
    for (;;) {
      const found = this.all(kind).find((each) => !this.#taken.has(each));
      if (found === undefined) await inDeadline(`a ${kind}`, this.#arrival.promise);
      else {
        this.#taken.add(found);
        return found;
      }
    }
  }

  /** Waits until there are that many messages of a kind, and gives them all. */
  async count<K extends keyof Kinds>(kind: K, count: number): Promise<Kinds[K][]> {
    while (this.all(kind).length < count) {
      await inDeadline(`${count} × ${kind}`, this.#arrival.promise);
    }
    return this.all(kind);
  }
}

/** A reaction: sends text and binary messages back. */
export const echoes: Reaction = (self, message) => {
  if (!isMessage(message)) return;
  const { id, type, body } = message;
  self.send(id, { kind: "message", type, body });
};
