/**
 * Writes of one turn of the event loop, in one system call per socket.
 *
 * @module
 */

import process from "node:process";
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { MESSAGE_TYPE, type MessageType } from "../messages.ts";
import {
  closeBody,
  encodeFrame,
  encodeFrameInto,
  frameLengthAtMost,
  payloadLength,
} from "./frame_encoder.ts";

/** Buffer that the frames of all sockets are encoded into, one after the other, in bytes. */
const SLAB_BYTES = 16_384;

/** Longer frames have a buffer of their own. */
const SLAB_FRAME_BYTES = 4_096;

/** Frames that do not follow each other are put together up to so many bytes. */
const JOIN_BYTES = 16_384;

/** Times its own length that a frame which waits for a slow reader may keep alive. */
const MOST_KEPT = 4;

/** A part of a buffer. */
interface Region {
  bytes: Buffer;
  start: number;
  end: number;
}

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabEnd = 0;

/** The frame that was encoded last, for others of the same message in this turn. */
const last: Region & { type: MessageType | undefined; body: string | Uint8Array | undefined } = {
  bytes: slab,
  start: 0,
  end: 0,
  type: undefined,
  body: undefined,
};

/** What was written last in this turn, for sockets that are written the same. */
const written: Region & { view: Buffer | undefined; copy: Buffer | undefined } = {
  bytes: slab,
  start: 0,
  end: 0,
  view: undefined,
  copy: undefined,
};

/** Something that holds what is written until the turn ends. */
export interface Holding {
  flush(): void;
}

let due: Holding[] = [];

/** Lets it go when this turn ends: after its microtasks, before the loop polls for more. */
export function holdForTurn(holding: Holding): void {
  if (due.push(holding) === 1) process.nextTick(endTurn);
}

function endTurn(): void {
  const all = due;
  due = [];
  last.type = last.body = undefined;
  for (const each of all) each.flush();
  // What is long is not kept alive.
  last.bytes = written.bytes = slab;
  written.view = written.copy = undefined;
}

/** Holds what others write to a socket until this turn ends. */
export function corkForTurn(tcp: Duplex): void {
  if (tcp.writableCorked > 0) return;
  tcp.cork();
  holdForTurn({ flush: () => tcp.uncork() });
}

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

/**
 * Writes the frames of a server to one socket. Those of one turn leave together,
 * when the turn ends: a single frame waits for nothing else than the code that is
 * running. A message that goes to many sockets in one turn is encoded once.
 */
export class TurnWriter implements FrameWriter, Holding {
  readonly #tcp: Duplex;
  /** Frames of this turn that follow each other in one buffer. */
  #bytes: Buffer | undefined;
  #start = 0;
  #end = 0;
  /** Those before, which are elsewhere. */
  #before: Buffer[] | undefined;
  #beforeBytes = 0;

  constructor(tcp: Duplex) {
    this.#tcp = tcp;
  }

  get heldBytes(): number {
    return this.#beforeBytes + this.#end - this.#start;
  }

  write(type: MessageType, body: string | Uint8Array): number {
    if (type !== last.type || body !== last.body) encode(type, body);
    const length = last.end - last.start;
    this.#add(last);
    return payloadLength(length);
  }

  /** Writes bytes that are frames already. */
  writeFrame(bytes: Buffer): void {
    this.#add({ bytes, start: 0, end: bytes.length });
  }

  writeClose(code: number, reason: string): void {
    this.write(MESSAGE_TYPE.close, closeBody(code, reason));
  }

  end(): void {
    this.flush();
    this.#tcp.end();
  }

  /** Hands over what is held, now. */
  flush(): void {
    const bytes = this.#bytes;
    if (bytes === undefined) return;
    const [start, end, before] = [this.#start, this.#end, this.#before];
    const all = this.heldBytes;
    this.#bytes = this.#before = undefined;
    this.#start = this.#end = this.#beforeBytes = 0;
    const tcp = this.#tcp;
    if (tcp.destroyed) return;
    const rest = partOf(bytes, start, end, tcp.writableLength > 0);
    if (before === undefined) return void tcp.write(rest);
    before.push(rest);
    if (all <= JOIN_BYTES) return void tcp.write(Buffer.concat(before, all));
    tcp.cork();
    for (const part of before) tcp.write(part);
    tcp.uncork();
  }

  #add(frame: Region): void {
    const bytes = this.#bytes;
    if (bytes === undefined) {
      holdForTurn(this);
      return this.#begin(frame);
    }
    if (bytes === frame.bytes && this.#end === frame.start) {
      this.#end = frame.end;
    } else if (bytes === slab && this.#end === slabEnd && repeat(frame)) {
      this.#end = slabEnd;
    } else {
      const part = partOf(bytes, this.#start, this.#end, this.#tcp.writableLength > 0);
      (this.#before ??= []).push(part);
      this.#beforeBytes += part.length;
      this.#begin(frame);
    }
  }

  #begin({ bytes, start, end }: Region): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }
}

/** Encodes a message, and keeps it as the last one. */
function encode(type: MessageType, body: string | Uint8Array): void {
  const room = frameLengthAtMost(body);
  if (room > SLAB_FRAME_BYTES) {
    last.bytes = encodeFrame(type, body);
    last.start = 0;
    last.end = last.bytes.length;
  } else {
    if (room > SLAB_BYTES - slabEnd) renewSlab();
    last.bytes = slab;
    last.start = slabEnd;
    last.end = slabEnd = encodeFrameInto(slab, slabEnd, type, body);
  }
  last.type = type;
  last.body = body;
}

/** Puts a short frame into the slab once more, behind all others; false if there is no room. */
function repeat({ bytes, start, end }: Region): boolean {
  const length = end - start;
  if (length > SLAB_FRAME_BYTES || length > SLAB_BYTES - slabEnd) return false;
  bytes.copy(slab, slabEnd, start, end);
  if (bytes === last.bytes && start === last.start && bytes === slab) {
    last.start = slabEnd;
    last.end = slabEnd + length;
  }
  slabEnd += length;
  return true;
}

function renewSlab(): void {
  slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  slabEnd = 0;
}

/**
 * A part of a buffer; one of its own if it `waits` for a slow reader and would keep
 * far more memory alive than is counted. Sockets that are written the same share it.
 */
function partOf(bytes: Buffer, start: number, end: number, waits: boolean): Buffer {
  if (written.bytes !== bytes || written.start !== start || written.end !== end) {
    written.bytes = bytes;
    written.start = start;
    written.end = end;
    written.view = written.copy = undefined;
  }
  const view = written.view ??= bytes.subarray(start, end);
  if (!waits || view.length * MOST_KEPT >= view.buffer.byteLength) return view;
  if (written.copy === undefined) {
    written.copy = Buffer.allocUnsafeSlow(view.length);
    written.copy.set(view);
  }
  return written.copy;
}
