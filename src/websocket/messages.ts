/**
 * The messages between a connection and its target process (seeds 000 and 001).
 *
 * @module
 */

import type { Alias } from "../actor/mod.ts";

/** Types of a WebSocket message: the opcodes of RFC 6455, section 11.8. */
export const MESSAGE_TYPE: Readonly<
  { text: 1; binary: 2; close: 8; ping: 9; pong: 10 }
> = Object.freeze(
  { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const,
);

/** One of {@linkcode MESSAGE_TYPE}. */
export type MessageType = typeof MESSAGE_TYPE[keyof typeof MESSAGE_TYPE];

/** A connection is up (seed 000: MessageConnect). Precedes every other message of it. */
export interface ConnectMessage {
  /** Tells it from other messages. */
  readonly kind: "connect";
  /** Address of the connection. */
  readonly id: Alias<ToConnection>;
  /** `ip:port` of the peer. */
  readonly remoteAddr: string;
  /** `ip:port` of this end. */
  readonly localAddr: string;
  /** URL of the handshake, with its query. */
  readonly url: string;
  /** Headers of the handshake, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Negotiated subprotocol; empty if none. */
  readonly protocol: string;
  /** Who has logged in, by what `accept` said; absent for nobody. */
  readonly user?: string;
  /** What the handler was told to give along; absent if nothing. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Identity of the connection's span, a `traceparent` text; only while it is recorded. */
  readonly trace?: string;
}

/** A message that arrived (seed 000: Message). */
export interface WebSocketMessage {
  /** Tells it from other messages. */
  readonly kind: "message";
  /** Address of the connection. */
  readonly id: Alias<ToConnection>;
  /** What it is; a close frame of the peer comes as `disconnect`. */
  readonly type: Exclude<MessageType, typeof MESSAGE_TYPE.close>;
  /** Text is a string, everything else bytes. */
  readonly body: string | Uint8Array;
  /** Identity of the connection's span, a `traceparent` text; only while it is recorded. */
  readonly trace?: string;
}

/** A message that is no ping and no pong (RFC 6455, section 5.6). */
export interface DataMessage extends WebSocketMessage {
  /** Text or binary. */
  readonly type: typeof MESSAGE_TYPE.text | typeof MESSAGE_TYPE.binary;
}

/** A connection has ended (seed 000: MessageDisconnect). Exactly once per connect. */
export interface DisconnectMessage {
  /** Tells it from other messages. */
  readonly kind: "disconnect";
  /** Address that the connection had. */
  readonly id: Alias;
  /** Close code: of the peer, of our own close, or 1006 if there was no closing handshake. */
  readonly code: number;
  /** Text of the close frame; empty if none. */
  readonly reason: string;
}

/**
 * What a process sends to a connection's alias. A missing `type` means text, or
 * binary for bytes that are not UTF-8; with type 1 such bytes are an error. Binary
 * as a string is sent as its UTF-8. `id` is ignored.
 */
export type OutgoingMessage =
  | {
    readonly kind: "message";
    readonly id?: Alias;
    readonly type?: Exclude<MessageType, typeof MESSAGE_TYPE.close>;
    readonly body: string | Uint8Array;
  }
  | {
    readonly kind: "message";
    readonly id?: Alias;
    readonly type: typeof MESSAGE_TYPE.close;
    /** Default 1000. */
    readonly code?: number;
    /** At most 123 bytes of UTF-8. Default empty. */
    readonly reason?: string;
  };

/**
 * A question to the client, for `call`: the reply is the answer, an error of the client is an
 * error of the call. The client gets the text `{"ask": ID, "message": …}` and answers
 * `{"answer": ID, "value": …}` or `{"answer": ID, "error": TEXT}`, as `onAsk` of `/troupe.js`
 * does; the target of the connection gets nothing of it.
 */
export interface ConnectionQuestion {
  /** Tells it from other messages. */
  readonly kind: "ask";
  /** Anything that JSON can say. */
  readonly question: unknown;
}

/**
 * A fresh token for whoever has logged in on a connection, for `call`: the reply is true, or an
 * error says what is wrong with it. The client itself sends the text `{"token": TOKEN}`.
 */
export interface ConnectionToken {
  /** Tells it from other messages. */
  readonly kind: "token";
  /** The token. */
  readonly token: string;
}

/** What a connection takes. */
export type ToConnection = OutgoingMessage | ConnectionQuestion | ConnectionToken;

/** An open connection, as a list of them shows it. */
export interface ListedConnection {
  /** Its address. */
  readonly id: Alias<ToConnection>;
  /** `ip:port` of the peer. */
  readonly remoteAddr: string;
  /** Address of the peer alone. */
  readonly ip: string;
  /** Who has logged in on it; absent for nobody. */
  readonly user?: string;
  /** How long it has been open, in milliseconds. */
  readonly openMs: number;
}

/**
 * What a process gets of its connections. `A` is what the handler's `accept` gives along as
 * attributes, where it always does.
 */
export type FromConnection<A = unknown> =
  | (unknown extends A ? ConnectMessage
    : Omit<ConnectMessage, "attributes"> & { readonly attributes: A })
  | WebSocketMessage
  | DisconnectMessage;

function hasKind(message: unknown, kind: string): boolean {
  return typeof message === "object" && message !== null &&
    (message as { kind?: unknown }).kind === kind;
}

/** Whether a message from a mailbox says that a connection is up. */
export function isConnect(message: unknown): message is ConnectMessage {
  return hasKind(message, "connect");
}

/**
 * Whether a message from a mailbox came in over a WebSocket: text, bytes, and on
 * engine `ws` also a ping or a pong of the peer.
 */
export function isMessage(message: unknown): message is WebSocketMessage {
  return hasKind(message, "message");
}

/** Whether a message from a mailbox is text or bytes that came in (RFC 6455, section 5.6). */
export function isDataMessage(message: unknown): message is DataMessage {
  return isMessage(message) &&
    (message.type === MESSAGE_TYPE.text || message.type === MESSAGE_TYPE.binary);
}

/** Whether a message from a mailbox says that a connection has ended. */
export function isDisconnect(message: unknown): message is DisconnectMessage {
  return hasKind(message, "disconnect");
}
