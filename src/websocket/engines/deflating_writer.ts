/**
 * Writing of frames that are compressed.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { MessageType } from "../messages.ts";
import { deflateFrame, measureBody } from "./deflation.ts";
import { type FrameWriter, TurnWriter } from "./turn_writer.ts";

/** Messages shorter than this are not worth compressing, in bytes. */
const COMPRESSION_THRESHOLD_BYTES = 1_024;

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
    const bytes = measureBody(body);
    if (this.#waiting === undefined) this.#writeNow(type, body, bytes);
    else this.#wait(bytes, () => this.#writeNow(type, body, bytes));
    return bytes;
  }

  writeClose(code: number, reason: string): void {
    if (this.#waiting === undefined) this.#writer.writeClose(code, reason);
    else this.#wait(reason.length, () => this.#writer.writeClose(code, reason));
  }

  end(): void {
    if (this.#waiting === undefined) this.#writer.end();
    else this.#wait(0, () => this.#writer.end());
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
