/**
 * Writing of the frames of a server.
 *
 * @module
 */

// Before `ws`, whichever of the files that use it comes first.
import "./without_addons.ts";
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { bodySize } from "../../text/mod.ts";
import { CLOSE_CODES } from "../close_codes.ts";
import { MESSAGE_TYPE, type MessageType } from "../messages.ts";
import { deflateFrame } from "./deflation.ts";
import { TurnWriter } from "./turn_writer.ts";

/** Messages shorter than this are not worth compressing, in bytes. */
const COMPRESSION_THRESHOLD_BYTES = 1_024;

/** Writes to one client. */
export interface FrameWriter {
  /** Writes a message, ping or pong; returns the bytes of its body. */
  write(type: MessageType, body: string | Uint8Array): number;
  /** Writes a close frame; nothing follows it. */
  writeClose(code: number, reason: string): void;
  /** Ends this side of the connection when all is written. */
  end(): void;
  /** Bytes that were not handed to the TCP socket yet. */
  readonly heldBytes: number;
}

/** Writes frames as they are, so that one serves many sockets. */
export class PlainWriter implements FrameWriter {
  readonly #tcp: Duplex;
  readonly #writer: TurnWriter;

  constructor(tcp: Duplex) {
    this.#tcp = tcp;
    this.#writer = new TurnWriter(tcp);
  }

  get heldBytes(): number {
    return this.#writer.heldBytes;
  }

  write(type: MessageType, body: string | Uint8Array): number {
    return this.#writer.write(type, body);
  }

  writeClose(code: number, reason: string): void {
    this.#writer.write(MESSAGE_TYPE.close, closeBody(code, reason));
  }

  end(): void {
    this.#writer.flush();
    this.#tcp.end();
  }
}

/** Writes frames that are compressed where it is worth it, in order. */
export class DeflatingWriter implements FrameWriter {
  readonly #tcp: Duplex;
  readonly #writer: TurnWriter;
  readonly #windowBits: number;
  /** What follows a message that is being deflated; absent while none is. */
  #waiting: (() => void)[] | undefined;
  #waitingBytes = 0;

  constructor(tcp: Duplex, windowBits: number) {
    this.#tcp = tcp;
    this.#writer = new TurnWriter(tcp);
    this.#windowBits = windowBits;
  }

  get heldBytes(): number {
    return this.#writer.heldBytes + this.#waitingBytes;
  }

  write(type: MessageType, body: string | Uint8Array): number {
    const bytes = bodySize(body);
    if (this.#waiting === undefined) this.#writeNow(type, body, bytes);
    else this.#wait(bytes, () => this.#writeNow(type, body, bytes));
    return bytes;
  }

  writeClose(code: number, reason: string): void {
    const body = closeBody(code, reason);
    const write = () => void this.#writer.write(MESSAGE_TYPE.close, body);
    if (this.#waiting === undefined) write();
    else this.#wait(body.length, write);
  }

  end(): void {
    const end = () => {
      this.#writer.flush();
      this.#tcp.end();
    };
    if (this.#waiting === undefined) end();
    else this.#wait(0, end);
  }

  #wait(bytes: number, write: () => void): void {
    this.#waitingBytes += bytes;
    this.#waiting?.push(() => {
      this.#waitingBytes -= bytes;
      write();
    });
  }

  #writeNow(type: MessageType, body: string | Uint8Array, bytes: number): void {
    if (bytes < COMPRESSION_THRESHOLD_BYTES) return void this.#writer.write(type, body);
    const frame = deflateFrame(type, body, this.#windowBits);
    if (!(frame instanceof Promise)) return this.#writer.writeFrame(frame);
    this.#waitFor(frame, bytes);
  }

  #waitFor(frame: Promise<Buffer>, bytes: number): void {
    const waiting: (() => void)[] = this.#waiting = [];
    this.#waitingBytes += bytes;
    frame.then((deflated) => {
      this.#waitingBytes -= bytes;
      this.#writer.writeFrame(deflated);
      this.#goOn(waiting);
    }, () => this.#tcp.destroy());
  }

  /** Writes what has waited; if one of them has to wait as well, the others come behind it. */
  #goOn(waiting: readonly (() => void)[]): void {
    this.#waiting = undefined;
    for (const write of waiting) {
      const behind = this.#waiting as (() => void)[] | undefined;
      if (behind === undefined) write();
      else behind.push(write);
    }
  }
}

/** Body of a close frame (RFC 6455, section 5.5.1). */
function closeBody(code: number, reason: string): Uint8Array {
  if (code === CLOSE_CODES.noStatus.code) return new Uint8Array(0);
  const body = Buffer.allocUnsafe(2 + Buffer.byteLength(reason));
  body.writeUInt16BE(code);
  body.write(reason, 2);
  return body;
}
