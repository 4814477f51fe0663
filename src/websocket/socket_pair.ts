/**
 * A `Socket` in memory, and the peer at its other end.
 *
 * @module
 */

import { FrameQueue } from "./connection/frame_queue.ts";
import type { MessageType } from "./messages.ts";
import type { CloseInfo, Frame, Socket } from "./socket.ts";

/** What a peer does of its own accord. */
export interface PeerOptions {
  /** Takes what is written only when told to. Default false. */
  readonly stalled?: boolean;
  /** Answers a close frame. Default true. */
  readonly answersClose?: boolean;
}

/** Two ends of one connection: what is written to `socket` is seen at `peer`. */
export function createSocketPair(options: PeerOptions = {}): { socket: Socket; peer: SocketPeer } {
  const peer = new SocketPeer(options);
  return { socket: peer.socket, peer };
}

/** The far end. */
export class SocketPeer {
  /** The near end. */
  readonly socket: Socket;
  readonly #socket: MemorySocket;
  /** Messages that have arrived. */
  readonly received: Frame[] = [];
  /** Close frames that have arrived. */
  readonly closes: CloseInfo[] = [];
  /** Whether the socket was terminated. */
  terminated = false;

  /** Makes both ends. */
  constructor(
    /** What it does of its own accord. */
    readonly options: PeerOptions,
  ) {
    this.socket = this.#socket = new MemorySocket(this);
  }

  /** Sends a message. */
  send(type: MessageType, body: string | Uint8Array): void {
    this.#socket.frames.push({ type, body });
  }

  /** Ends the connection, as with a close frame of that code; 1006 drops it. */
  end(code: number, reason = ""): void {
    this.#socket.end({ code, reason });
  }

  /** Takes written messages until at most `leftBytes` wait. */
  read(leftBytes = 0): void {
    this.#socket.deliver(leftBytes);
  }
}

class MemorySocket implements Socket {
  readonly canPing = false;
  readonly frames = new FrameQueue();
  readonly #peer: SocketPeer;
  readonly #underWay: Frame[] = [];
  #waiting: { bytes: number; resolve: () => void }[] = [];

  constructor(peer: SocketPeer) {
    this.#peer = peer;
  }

  get closeInfo(): CloseInfo | undefined {
    return this.frames.closeInfo;
  }

  get bufferedBytes(): number {
    return this.#underWay.reduce((sum, { body }) => sum + sizeOf(body), 0);
  }

  send(type: MessageType, body: string | Uint8Array): false | void {
    if (this.closeInfo !== undefined || this.#peer.closes.length > 0) return false;
    this.#underWay.push({ type, body });
    if (this.#peer.options.stalled !== true) this.deliver(0);
  }

  drained(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, resolve });
      this.#wake();
    });
  }

  close(code: number, reason: string): void {
    if (this.#peer.closes.push({ code, reason }) > 1) return;
    if (this.#peer.options.answersClose === false) return;
    queueMicrotask(() => this.end({ code, reason }));
  }

  terminate(): void {
    this.#peer.terminated = true;
    this.end({ code: 1006, reason: "" });
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.frames;
  }

  /** Hands over what is under way until at most `leftBytes` are left. */
  deliver(leftBytes: number): void {
    while (this.bufferedBytes > leftBytes) this.#peer.received.push(this.#underWay.shift()!);
    this.#wake();
  }

  /** Ends it, whoever wants it. */
  end(closeInfo: CloseInfo): void {
    this.frames.end(closeInfo);
    this.#wake();
  }

  #wake(): void {
    const left = this.bufferedBytes;
    const isReady = ({ bytes }: { bytes: number }) => this.closeInfo !== undefined || left <= bytes;
    const ready = this.#waiting.filter(isReady);
    this.#waiting = this.#waiting.filter((each) => !isReady(each));
    for (const { resolve } of ready) resolve();
  }
}

function sizeOf(body: string | Uint8Array): number {
  return typeof body === "string" ? new TextEncoder().encode(body).byteLength : body.byteLength;
}
