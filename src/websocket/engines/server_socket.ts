/**
 * A WebSocket of a server on its TCP socket.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { PatientTimer } from "../../time/mod.ts";
import { CLOSE_CODES } from "../close_codes.ts";
import { FrameQueue } from "../connection/frame_queue.ts";
import type { FrameLimits, Violation } from "../framing/header.ts";
import { step } from "../framing/reader.ts";
import { type CloseFrame, ReaderState } from "../framing/reader_state.ts";
import { MESSAGE_TYPE, type MessageType } from "../messages.ts";
import type { CloseInfo, Frame, Socket } from "../socket.ts";
import { lookAtDrains, untilDrained } from "./drains.ts";
import { InflatingIntake } from "./inflating_intake.ts";
import type { Inflater } from "./inflation.ts";
import { Pongs } from "./pongs.ts";
import type { FrameWriter } from "./turn_writer.ts";

/** What the sockets of one handler share. */
export interface ServerSocketLimits {
  /** Of those that have negotiated no compression, and of those that have. */
  readonly plain: FrameLimits;
  readonly compressed: FrameLimits;
  /** Time for the peer to end the connection after the closing handshake, in milliseconds. */
  readonly closeTimeoutMs: number;
}

/** Where a TCP socket keeps its owner: listeners that all share take no memory for each. */
const OWNER = Symbol("owner");

type OwnedTcp = Duplex & { [OWNER]?: ServerSocket };

/** Reads the frames of a client, and writes to it. */
export class ServerSocket implements Socket {
  readonly canPing = true;
  readonly #tcp: OwnedTcp;
  readonly #limits: ServerSocketLimits;
  readonly #writer: FrameWriter;
  readonly #reader: ReaderState;
  readonly frames = new FrameQueue();
  readonly #intake: InflatingIntake | undefined;
  #pongs: Pongs | undefined;
  #isPaused = false;
  /** Whether no frame may follow what was written. */
  #isClosing = false;
  /** Whether the peer will send nothing more that counts. */
  #isHeard = false;
  #closeTimer: PatientTimer | undefined;

  /** `head` is what came right after the handshake; `inflater` where compression was negotiated. */
  constructor(
    tcp: Duplex,
    head: Buffer,
    writer: FrameWriter,
    inflater: Inflater | undefined,
    limits: ServerSocketLimits,
  ) {
    const frameLimits = inflater === undefined ? limits.plain : limits.compressed;
    this.#tcp = tcp;
    this.#limits = limits;
    this.#writer = writer;
    this.#reader = new ReaderState(frameLimits);
    if (inflater !== undefined) {
      this.#intake = new InflatingIntake(this, inflater, frameLimits.maxMessageBytes);
      this.frames.onEmpty = () => this.#intake?.goOn();
    }
    this.#tcp[OWNER] = this;
    if (head.length > 0) tcp.unshift(head);
    tcp.on("close", onClose).on("data", onData).on("end", onEnd).on("error", onError);
  }

  get closeInfo(): CloseInfo | undefined {
    return this.frames.closeInfo;
  }

  get bufferedBytes(): number {
    return this.#tcp.writableLength + this.#writer.heldBytes;
  }

  get leftBytes(): number {
    const { bytesWritten = 0, writableLength } = this.#tcp as Duplex & { bytesWritten?: number };
    return bytesWritten - writableLength;
  }

  /** Whether what arrives is for anybody. */
  get isOpen(): boolean {
    return this.closeInfo === undefined;
  }

  /** Whether a message can be taken in now that was inflated. */
  get isReady(): boolean {
    return !this.#isPaused && this.frames.depth === 0;
  }

  send(type: MessageType, body: string | Uint8Array): number | false | void {
    if (this.#isClosing) return false;
    return this.#writer.write(type, body);
  }

  drained(bytes: number): Promise<void> {
    return untilDrained(() => !this.isOpen || this.bufferedBytes <= bytes);
  }

  close(code: number, reason: string): void {
    // A paused socket would never read the answer.
    this.resume();
    this.#sendClose(code, reason);
  }

  terminate(): void {
    this.#isClosing = true;
    this.#tcp.destroy();
    this.#end(CLOSE_CODES.abnormal.code, "");
    this.#intake?.goOn();
  }

  pause(): void {
    this.#isPaused = true;
    this.#flow();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#flow();
    this.#intake?.goOn();
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.frames;
  }

  /** A chunk came. */
  received(chunk: Uint8Array): void {
    if (this.#isHeard) return;
    const came = step(this.#reader, chunk);
    if (this.#intake === undefined) {
      this.#takeAll(came.arrived as (Frame | CloseFrame)[]);
      if (came.violation !== undefined) this.fail(came.violation);
    } else {
      this.#intake.add(came);
      this.#flow();
    }
  }

  /** Takes in what came whole. */
  take(arrived: Frame | CloseFrame): void {
    this.#takeAll([arrived]);
  }

  /** Takes in what came together, of which the last may be a close frame. */
  #takeAll(arrived: (Frame | CloseFrame)[]): void {
    const last = arrived.at(-1);
    const closing = last !== undefined && "code" in last ? last : undefined;
    if (closing !== undefined) arrived.pop();
    const frames = arrived as Frame[];
    for (const { type, body } of frames) {
      if (type === MESSAGE_TYPE.ping) (this.#pongs ??= new Pongs(this)).pinged(body as Uint8Array);
    }
    this.frames.pushAll(frames);
    if (closing !== undefined) this.#closedByPeer(closing);
  }

  /** Ends the connection for a rule that the peer has broken. */
  fail({ code }: Violation): void {
    this.#closedByPeer({ code, reason: "" });
  }

  /** All that came has been taken in. */
  idle(): void {
    if (this.#tcp[OWNER] === undefined) this.#end(CLOSE_CODES.abnormal.code, "");
    else this.#flow();
  }

  /** The peer sends nothing more. */
  readToEnd(): void {
    this.#isClosing = true;
    this.#tcp.end();
  }

  /** The TCP connection has failed. */
  failed(): void {
    this.#isClosing = true;
    this.#tcp.destroy();
  }

  /** The TCP connection has ended. */
  gone(): void {
    const tcp = this.#tcp;
    this.#isClosing = true;
    this.#closeTimer?.[Symbol.dispose]();
    // What came while reading was paused still counts.
    if (!this.#isHeard && !tcp.readableEnded && tcp.readableLength > 0) {
      const rest = tcp.read(tcp.readableLength);
      if (rest !== null) this.received(rest);
    }
    tcp[OWNER] = undefined;
    if (this.#intake?.isBusy !== true) this.#end(CLOSE_CODES.abnormal.code, "");
  }

  /** Answers the peer's close frame, or what it did wrong, and reads nothing more. */
  #closedByPeer({ code, reason }: CloseInfo): void {
    this.#isHeard = true;
    this.#sendClose(code, reason);
    this.#writer.end();
    this.#end(code, reason);
    // What follows is read all the same, or its end would never be seen.
    this.#flow();
  }

  #sendClose(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#writer.writeClose(code, reason);
    const { closeTimeoutMs } = this.#limits;
    // What the peer has answered may lie there unread while the program is busy.
    this.#closeTimer = new PatientTimer(() => this.#tcp.destroy(), closeTimeoutMs);
  }

  #end(code: number, reason: string): void {
    this.frames.end({ code, reason });
    this.#intake?.close();
    lookAtDrains();
  }

  #flow(): void {
    if (!this.#isHeard && (this.#isPaused || this.#intake?.isBusy === true)) this.#tcp.pause();
    else this.#tcp.resume();
  }
}

function onData(this: OwnedTcp, chunk: Uint8Array): void {
  this[OWNER]?.received(chunk);
}

function onEnd(this: OwnedTcp): void {
  this[OWNER]?.readToEnd();
}

function onError(this: OwnedTcp): void {
  this[OWNER]?.failed();
}

function onClose(this: OwnedTcp): void {
  this[OWNER]?.gone();
}
