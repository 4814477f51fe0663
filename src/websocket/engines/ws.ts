/**
 * The engine on npm `ws` over a TCP socket of `node:http`.
 *
 * @module
 */

import { Buffer, constants } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { PatientTimer } from "../../time/mod.ts";
import { CLOSE_CODES } from "../close_codes.ts";
import { FrameQueue } from "../connection/frame_queue.ts";
import { acceptDeflate, parseOffers } from "../handshake/deflate_offer.ts";
import { MESSAGE_TYPE, type MessageType } from "../messages.ts";
import type { HeaderLine } from "../options.ts";
import type { CloseInfo, Frame, Socket } from "../socket.ts";
import { untilDrained } from "./drains.ts";
import { Handover } from "./handover.ts";
import { replaceInflation, type TakeIn } from "./inflation.ts";
import { Pongs } from "./pongs.ts";
import { joinChunks, type Receiving } from "./received_chunks.ts";
import { corkForTurn } from "./turn_writer.ts";
import "./without_addons.ts";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket, WebSocketServer } from "ws";

/** A longer text there cannot be. */
const MAX_LIMIT_BYTES = constants.MAX_STRING_LENGTH;

/** What the engine needs to know of a handler. */
export interface WsAcceptorOptions {
  readonly maxMessageBytes: number;
  readonly compression: boolean;
  readonly closeTimeoutMs: number;
  readonly readBufferBytes: number;
  readonly writeBufferBytes: number;
}

/** What the response to a handshake says. */
export interface AcceptedAnswer {
  /** Subprotocol; empty if none. */
  readonly protocol: string;
  /** Further headers. Default none. */
  readonly headers?: readonly HeaderLine[] | undefined;
}

/** Completes handshakes that have passed every check. */
export interface WsAcceptor {
  /**
   * Writes the response and gives the socket to `opened`, or writes nothing and
   * says to `refused` what `ws` finds wrong; calls neither if the peer is gone.
   */
  accept(
    request: IncomingMessage,
    tcp: Duplex,
    head: Uint8Array,
    answer: AcceptedAnswer,
    opened: (socket: Socket) => void,
    refused: (why: string) => void,
  ): void;
}

/** Makes an acceptor; its limits hold for the sockets that it opens. */
export function createWsAcceptor(options: WsAcceptorOptions): WsAcceptor {
  // Of the handshake that is looked at: `ws` is done with it before it returns.
  let chosen = "";
  let added: readonly HeaderLine[] = [];
  let refuse: (why: string) => void;
  const { closeTimeoutMs } = options;
  const maxMessageBytes = toMaxPayload(options.maxMessageBytes);
  const limits = {
    plain: { maxMessageBytes, compression: false },
    compressed: { maxMessageBytes, compression: true },
    closeTimeoutMs,
  };
  const server = new WebSocketServer(
    {
      noServer: true,
      WebSocket: Handover,
      clientTracking: false,
      handleProtocols: () => chosen || false,
      perMessageDeflate: options.compression && {
        // Without context takeover, so that an idle connection holds no window.
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
      },
    } as unknown as ConstructorParameters<typeof WebSocketServer>[0],
  );
  server.on("headers", (lines: string[]) => {
    for (const [name, value] of added) lines.push(`${name}: ${value}`);
  });
  server.on("wsClientError", ({ message }) => refuse(message));
  return {
    accept(request, tcp, head, { protocol, headers = [] }, opened, refused) {
      const offers = options.compression
        ? parseOffers(request.headers["sec-websocket-extensions"])
        : [];
      if (offers === undefined) {
        return refused("Invalid or unacceptable Sec-WebSocket-Extensions header");
      }
      resizeBuffers(tcp, options);
      // Each may have been one of a list that `ws` takes for none.
      request.headers.upgrade = "websocket";
      replaceHeader(request, "sec-websocket-protocol", protocol);
      replaceHeader(request, "sec-websocket-extensions", acceptDeflate(offers));
      chosen = protocol;
      added = headers;
      refuse = refused;
      server.handleUpgrade(
        request,
        tcp,
        Buffer.from(head.buffer as ArrayBuffer, head.byteOffset, head.byteLength),
        (handover) => opened((handover as unknown as Handover).take(limits)),
      );
    },
  };
}

/** Puts a header as `ws` shall see it, which takes less than is right, or takes it away. */
function replaceHeader(
  { headers }: IncomingMessage,
  name: "sec-websocket-protocol" | "sec-websocket-extensions",
  value: string | undefined,
): void {
  if (value === undefined || value === "") delete headers[name];
  else headers[name] = value;
}

/** A limit of bytes that can be kept. */
export function toMaxPayload(maxMessageBytes: number): number {
  return Math.min(maxMessageBytes, MAX_LIMIT_BYTES);
}

/** Node sets these at the start of a stream alone, and the HTTP server has started this one. */
function resizeBuffers(
  tcp: Duplex,
  { readBufferBytes, writeBufferBytes }: WsAcceptorOptions,
): void {
  const { _readableState, _writableState } = tcp as unknown as Record<
    "_readableState" | "_writableState",
    { highWaterMark: number }
  >;
  _readableState.highWaterMark = readBufferBytes;
  _writableState.highWaterMark = writeBufferBytes;
}

/** The part of `ws` that ends a connection whose peer does not. */
interface Closing {
  readonly _closeTimer: ReturnType<typeof setTimeout> | null;
  readonly _closeTimeout: number;
}

/**
 * A WebSocket of `ws` that tells its owner of events, without a table of
 * listeners for each connection, and of the end when no more frame can come:
 * `ws` waits for the TCP connection to end as well.
 */
export class OwnedWebSocket extends WebSocket {
  /** Who is told. */
  owner: WsSocket | undefined;
  #closeTimer: PatientTimer | undefined;

  override emit(event: string, first?: unknown, second?: unknown): boolean {
    const { owner } = this;
    if (event === "close") this.#closeTimer?.[Symbol.dispose]();
    if (owner === undefined) return super.emit(event, first, second);
    switch (event) {
      case "message":
        owner.received(first as Buffer, second as boolean);
        break;
      case "ping":
        owner.pinged(copyOf(first as Buffer));
        break;
      case "pong":
        owner.push(MESSAGE_TYPE.pong, copyOf(first as Buffer));
        break;
      case "close":
        owner.ended(first as number, String(second));
        break;
    }
    return true;
  }

  /** What `ws` calls, on both sides, when the handshake is done. */
  setSocket(...handedOver: unknown[]): void {
    const inner = WebSocket.prototype as unknown as { setSocket(...handedOver: unknown[]): void };
    inner.setSocket.apply(this, handedOver);
    joinChunks((this as unknown as { readonly _receiver: Receiving })._receiver);
  }

  /** Starts the closing handshake. */
  start(code: number, reason: string): void {
    super.close(code, reason);
    this.#bePatient();
  }

  /** Puts a timer in place of that of `ws`, which does not wait for what has arrived. */
  #bePatient(): void {
    const { _closeTimer: timer, _closeTimeout: timeoutMs } = this as unknown as Closing;
    if (timer === null || this.#closeTimer !== undefined) return;
    clearTimeout(timer);
    this.#closeTimer = new PatientTimer(() => this.terminate(), timeoutMs);
  }

  /** What `ws` calls with the peer's close frame, and with the code for a violation of the peer's. */
  override close(code: number = CLOSE_CODES.noStatus.code, reason: string | Buffer = ""): void {
    if (code === CLOSE_CODES.noStatus.code) super.close();
    else super.close(code, reason);
    this.#bePatient();
    this.owner?.ended(code, String(reason));
  }
}

/** The socket of a client. */
export class WsSocket implements Socket {
  readonly #webSocket: OwnedWebSocket;
  readonly #tcp: Duplex;
  readonly frames = new FrameQueue();
  /** Takes in what was inflated, and begins with what is behind it. */
  #heldBack: TakeIn | undefined;
  #pongs: Pongs | undefined;

  constructor(webSocket: OwnedWebSocket, tcp: Duplex) {
    this.#webSocket = webSocket;
    this.#tcp = tcp;
    webSocket.owner = this;
    if (webSocket.extensions === "") return;
    replaceInflation(webSocket, (takeIn) => {
      this.#heldBack = takeIn;
      this.#goOn();
    });
    this.frames.onEmpty = () => this.#goOn();
  }

  get closeInfo(): CloseInfo | undefined {
    return this.frames.closeInfo;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  get leftBytes(): number {
    const { bytesWritten = 0, writableLength } = this.#tcp as Duplex & { bytesWritten?: number };
    return bytesWritten - writableLength;
  }

  get canPing(): boolean {
    return true;
  }

  send(type: MessageType, body: string | Uint8Array): number | false | void {
    const webSocket = this.#webSocket;
    if (webSocket.readyState !== webSocket.OPEN) return false;
    corkForTurn(this.#tcp);
    if (type === MESSAGE_TYPE.ping) webSocket.ping(body, undefined, ignoreLateError);
    else if (type === MESSAGE_TYPE.pong) webSocket.pong(body, undefined, ignoreLateError);
    else webSocket.send(body, { binary: type === MESSAGE_TYPE.binary }, ignoreLateError);
  }

  drained(bytes: number): Promise<void> {
    return untilDrained(() => this.closeInfo !== undefined || this.bufferedBytes <= bytes);
  }

  close(code: number, reason: string): void {
    // A paused socket would never read the answer.
    this.resume();
    this.#webSocket.start(code, reason);
  }

  terminate(): void {
    this.#webSocket.terminate();
    this.frames.end({ code: CLOSE_CODES.abnormal.code, reason: "" });
    this.#goOn();
  }

  pause(): void {
    if (!this.#webSocket.isPaused) this.#webSocket.pause();
  }

  resume(): void {
    if (this.#webSocket.isPaused) this.#webSocket.resume();
    this.#goOn();
  }

  /** Queues a message that arrived. */
  received(data: Buffer, isBinary: boolean): void {
    if (isBinary) this.push(MESSAGE_TYPE.binary, copyOf(data));
    else this.push(MESSAGE_TYPE.text, data.toString(), data.length);
  }

  /** Queues what arrived. */
  push(type: MessageType, body: string | Uint8Array, bytes: number = body.length): void {
    this.frames.push({ type, body, bytes });
  }

  /** Queues a ping, which is answered when all that came with it has been taken in. */
  pinged(body: Uint8Array): void {
    (this.#pongs ??= new Pongs(this)).pinged(body);
    this.push(MESSAGE_TYPE.ping, body);
  }

  /** Ends the iteration. */
  ended(code: number, reason: string): void {
    this.frames.end({ code, reason });
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.frames;
  }

  /** Goes on with what was inflated when somebody is there to read it, or nobody ever will. */
  #goOn(): void {
    const isWanted = this.closeInfo === undefined;
    if (isWanted && (this.#webSocket.isPaused || this.frames.depth > 0)) return;
    const takeIn = this.#heldBack;
    this.#heldBack = undefined;
    takeIn?.(isWanted);
  }
}

/** The frame is a view of a larger buffer, which it must not keep alive. */
function copyOf(data: Buffer): Uint8Array {
  return new Uint8Array(data);
}

/** A peer that leaves while it is written to is told of by `close`. */
function ignoreLateError(): void {}
