/**
 * Types of the browser client that the server has at `/troupe.js`.
 *
 * @module
 */

/** Options of {@linkcode Ws}. */
export interface WsOptions {
  /**
   * Start of every event message; as `eventPrefix` of the server. Default
   * `"m:"`, or the attribute `data-event-prefix` of the script tag.
   */
  readonly eventPrefix?: string;
  /** Connect again after a loss. Default true. */
  readonly reconnect?: boolean;
  /** Longest wait before the first attempt, in milliseconds. Default 500. */
  readonly minDelayMs?: number;
  /** Longest wait before any attempt, in milliseconds. Default 30 000. */
  readonly maxDelayMs?: number;
  /** A connection that lasted as long starts over with `minDelayMs`, in milliseconds. Default 5000. */
  readonly stableMs?: number;
  /** Messages that wait while there is no connection. Default 1000. */
  readonly queueSize?: number;
  /**
   * Time without a message after which the server is asked for one, in
   * milliseconds; if then nothing comes for as long again, the connection is
   * given up as lost. 0 or false turns it off. Default 30 000.
   */
  readonly heartbeatMs?: number | false;
}

/** How a connection ended. */
export interface WsEnd {
  /** Close code; 1006 if there was no closing handshake, or no connection at all. */
  readonly code: number;
  /** Text of the close frame, or why the connection was given up; empty if none. */
  readonly reason: string;
  /** Time to the next attempt, in milliseconds; undefined if this is over for good. */
  readonly reconnectInMs: number | undefined;
}

/** What {@linkcode Ws.Emit} accepts besides bytes: anything that is JSON. */
export type WsMessage = string | ArrayBuffer | ArrayBufferView | Blob;

/**
 * A connection to an event server, with the names of Iris' client.
 *
 * It connects at once and, after a loss, again and again, unless the close
 * code forbids it. The server sees each as a new connection: what has to be
 * said to each, such as the rooms to join, belongs into `OnConnect`.
 */
export class Ws {
  /** Defaults of the options. */
  static readonly DEFAULTS: Readonly<Required<WsOptions>>;
  /** Whether a connection that closed with the code may be made again. */
  static mayReconnect(code: number): boolean;
  /** Time before an attempt, counted from 0, in milliseconds; `random` is 0 to 1. */
  static delayMs(
    attempt: number,
    random?: number,
    options?: Readonly<{ minDelayMs: number; maxDelayMs: number }>,
  ): number;

  /**
   * Connects.
   *
   * @param endpoint `ws://…`, `http://…`, a path on this host that begins with `/`, or
   * host and path, which get `ws://` (`wss://` on a secure page).
   * @param protocols Subprotocols to offer.
   * @throws {SyntaxError} If the endpoint is no URL, or a protocol is no token.
   */
  constructor(endpoint: string, protocols?: string | string[] | null, options?: WsOptions);

  /** Whether it is connected and its connect listeners have been called. */
  readonly isReady: boolean;
  /** Whether it has been disconnected for good. */
  readonly isOver: boolean;
  /** Messages that wait for a connection. */
  readonly queued: number;

  /**
   * Adds a listener to each new connection; calls it at once if there is one, and
   * after the others if it is added by one of them.
   */
  OnConnect(listener: () => void): void;
  /** Adds a listener to losses, called once for each, and once more when this gives up. */
  OnDisconnect(listener: (end: WsEnd) => void): void;
  /** Adds a listener to messages that are no events. */
  OnMessage(listener: (message: string | ArrayBuffer) => void): void;
  /** Sends a fresh token of the same user, before the one it connected with expires. */
  SendToken(token: string): boolean;
  /**
   * Answers questions of the server, with a value that JSON can say or a promise of one; what it
   * throws is an error of whoever asked. The last one that was given answers.
   */
  OnAsk(listener: (message: unknown) => unknown): void;
  /**
   * Adds a listener to an event. As with the original, it gets the text that
   * was sent, JSON as text too; `value` is what the text stands for.
   */
  // deno-lint-ignore no-explicit-any -- the listener says what it expects
  On(event: string, listener: (text: string, value: any) => void): void;
  /**
   * Sends an event, or queues it while there is no connection.
   *
   * @returns False if the queue is full or this is over for good: it is lost.
   * @throws {TypeError} If the name is empty or has a `;`, or the data are none that can be sent.
   */
  Emit(event: string, data?: unknown): boolean;
  /**
   * Sends a native message, or queues it as it is now: bytes that are changed
   * afterwards are sent as they were.
   *
   * @returns As `Emit`.
   */
  EmitMessage(message: WsMessage): boolean;
  /**
   * Ends it for good; what is queued is dropped. `OnDisconnect` is told within 5
   * seconds, whether or not the server answers.
   */
  Disconnect(): void;
}
