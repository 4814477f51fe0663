/**
 * What an engine gives to a connection.
 *
 * @module
 */

import type { MessageType } from "./messages.ts";

/** One message as it came over the wire, reassembled. */
export interface Frame {
  /** What kind of message. */
  readonly type: MessageType;
  /** Text is a string, everything else bytes. */
  readonly body: string | Uint8Array;
  /** Bytes of the body on the wire, where the engine knows them anyway. */
  readonly bytes?: number;
}

/** How a socket ended. */
export interface CloseInfo {
  /** Code of the peer's close frame, 1005 if it had none, 1006 if there was no frame. */
  readonly code: number;
  /** Text of the peer's close frame; empty if there is none. */
  readonly reason: string;
}

/** Takes what arrives. */
export interface FrameTaker {
  /** Takes a frame; returns what to wait for before it takes the next one. */
  takeFrame(frame: Frame): Promise<void> | undefined;
  /** Everything was taken, or `takeFrame` has thrown or waited in vain; comes once. */
  readingEnded(...failure: [] | [error: unknown]): void;
}

/**
 * What arrives: an iterator, or what hands it over, which costs no promise for each
 * frame, and nothing while nothing comes.
 */
export interface FrameSource extends AsyncIterator<Frame> {
  /** Hands all frames over in order, those that came together in one go, in place of `next`. */
  handTo(taker: FrameTaker): void;
}

/**
 * One WebSocket after its handshake: an async iterable of what arrives, which
 * ends when the socket has ended, and the means to answer.
 *
 * No method throws for a socket that has ended.
 */
export interface Socket extends AsyncIterable<Frame> {
  /** What is iterated over. */
  readonly frames: FrameSource;
  /**
   * Hands a text or binary message, or a control frame, to the transport.
   * Returns the bytes of the body on the wire, where it knows them anyway, or
   * false if it was not handed over: no frame can follow any more, or this engine
   * has none of that type.
   */
  send(type: MessageType, body: string | Uint8Array): number | false | void;
  /** Bytes handed over that have not left. */
  readonly bufferedBytes: number;
  /** Bytes that have left; engines that do not know leave it out. */
  readonly leftBytes?: number;
  /** Resolves when `bufferedBytes` is at most `bytes`, or when the socket has ended. */
  drained(bytes: number): Promise<void>;
  /** Starts the closing handshake; the iteration ends when the peer has answered. */
  close(code: number, reason: string): void;
  /** Ends it at once, without a closing handshake. */
  terminate(): void;
  /** Set when the iteration has ended. */
  readonly closeInfo: CloseInfo | undefined;
  /** Whether pings can be sent and are answered visibly. */
  readonly canPing: boolean;
  /** Reading stops; engines without it leave it out. */
  pause?(): void;
  /** Reading goes on. */
  resume?(): void;
}

/** Something that the contract of sockets asks for and an engine cannot do. */
export interface Shortcoming {
  /** Name of the case in the contract suite. */
  readonly name: string;
  /** What happens instead. */
  readonly instead: string;
}
