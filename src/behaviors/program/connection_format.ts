/**
 * The formats `lines` and `bytes`: a program sees the messages of one connection, and nothing else.
 *
 * @module
 */

import type { Alias, Envelope, InspectRecord } from "../../actor/mod.ts";
import { type Format, type Session, showBytes } from "../../programs/mod.ts";
import {
  CLOSE_CODES,
  type ConnectMessage,
  isConnect,
  isDataMessage,
  isDisconnect,
  MESSAGE_TYPE,
  type OutgoingMessage,
} from "../../websocket/mod.ts";
import type { Framing } from "./framings.ts";
import { pace } from "./pace.ts";

/** Bytes sent to a connection before it is asked how many it still has to write. */
const UNPACED_BYTES = 32_768;

/** Messages sent to a connection before it is asked likewise: a part of its mailbox. */
const MOST_AT_ONCE = 1_000;

/** Speaks with one program about one connection at a time. */
export class ConnectionFormat implements Format {
  readonly #session: Session;
  readonly #framing: Framing;
  readonly #only: ConnectMessage | undefined;
  #id: Alias<OutgoingMessage> | undefined;
  #unread = 0;
  #unpacedBytes = 0;
  isOver = false;

  /** With `only`, the program is there for that connection and ends with it. */
  constructor(session: Session, framing: Framing, only?: ConnectMessage) {
    this.#session = session;
    this.#framing = framing;
    this.#only = only;
    this.#id = only?.id;
  }

  encode({ message, from, reply }: Envelope): string | Uint8Array | undefined {
    if (isConnect(message)) return this.#connect(message);
    if (isDisconnect(message)) return this.#disconnect(message.id);
    if (isDataMessage(message) && message.id === this.#id) return this.#frame(message.body);
    this.#unread++;
    reply?.(new TypeError("Cannot answer: the program reads the messages of a connection alone"));
    this.#session.self.log.debug("A message from {from} is not for the program", { from });
    return undefined;
  }

  read(chunk: Uint8Array): Promise<void> | undefined {
    const messages = this.#framing.push(chunk);
    if (messages.length > MOST_AT_ONCE) return this.#sendInParts(messages);
    for (const message of messages) this.#send(message);
    this.#unpacedBytes += chunk.byteLength;
    if (this.#id === undefined || this.#unpacedBytes < UNPACED_BYTES) return undefined;
    this.#unpacedBytes = 0;
    return pace(this.#session.self, this.#id);
  }

  /** Many short messages in one go would fill the mailbox of the connection. */
  async #sendInParts(messages: readonly (OutgoingMessage | Uint8Array)[]): Promise<void> {
    for (let start = 0; start < messages.length; start += MOST_AT_ONCE) {
      for (const message of messages.slice(start, start + MOST_AT_ONCE)) this.#send(message);
      if (this.#id !== undefined) await pace(this.#session.self, this.#id);
    }
    this.#unpacedBytes = 0;
  }

  end(isWhole: boolean): void {
    if (isWhole) { for (const message of this.#framing.end()) this.#send(message); }
  }

  inspect(): InspectRecord {
    return {
      connection: this.#id ?? "",
      outputBuffered: this.#framing.bufferedBytes,
      unread: this.#unread,
    };
  }

  #connect({ id }: ConnectMessage): undefined {
    if (this.#id === undefined && this.#only === undefined) this.#id = id;
    else if (this.#id !== id) this.#close(id, CLOSE_CODES.tryAgainLater.code, "program busy");
  }

  #disconnect(id: Alias): undefined {
    if (id !== this.#id) return;
    this.#id = undefined;
    this.isOver = this.#only !== undefined;
  }

  #frame(body: string | Uint8Array): string | Uint8Array | undefined {
    const framed = this.#framing.frame(body);
    if (typeof framed === "string" || framed instanceof Uint8Array) return framed;
    this.#close(this.#id!, CLOSE_CODES.unsupportedData.code, framed.wrong);
    return undefined;
  }

  #close(id: Alias<OutgoingMessage>, code: number, reason: string): void {
    this.#session.self.send(id, { kind: "message", type: MESSAGE_TYPE.close, code, reason });
  }

  #send(message: OutgoingMessage | Uint8Array): void {
    const { log, self } = this.#session;
    if (message instanceof Uint8Array) return log.refuse("it is not UTF-8", showBytes(message));
    if (this.#id !== undefined) self.send(this.#id, message);
    else this.#unread++;
  }
}
