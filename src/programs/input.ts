/**
 * What is written to a program: together what comes together, and never much of it.
 *
 * @module
 */

import process from "node:process";
import { concat } from "./framing.ts";

/** Bytes, about, that wait for the program before those who write have to. */
export const INPUT_BYTES = 65_536;

const encoder = new TextEncoder();

/**
 * Writes to the standard input of a program.
 *
 * While one write is under way, what comes is gathered for the next one. A program that has
 * closed its input, or ended, is written to in vain: that is no error.
 */
export class Input {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #texts = "";
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  #writing: Promise<void> | undefined;
  #isOver = false;
  /** Writes to the pipe so far. */
  writes = 0;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
    // What is written hears of it.
    this.#writer.closed.catch(() => {});
  }

  /** Bytes (of text: characters) that wait, without those under way. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether the program takes nothing any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Writes; returns what to wait for before writing more. It never rejects. */
  write(data: string | Uint8Array): Promise<void> | undefined {
    if (this.#isOver || data.length === 0) return undefined;
    if (typeof data === "string") this.#texts += data;
    else {
      this.#seal();
      this.#pieces.push(data);
    }
    this.#waiting += data.length;
    this.#writing ??= this.#writeAll();
    return this.#waiting > INPUT_BYTES ? this.#writing : undefined;
  }

  /** Closes it when all is written. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#writer.close().catch(() => {});
  }

  /** Gives up what waits. */
  abort(): void {
    this.#isOver = true;
    this.#take();
    this.#writer.abort().catch(() => {});
  }

  #seal(): void {
    if (this.#texts === "") return;
    this.#pieces.push(encoder.encode(this.#texts));
    this.#texts = "";
  }

  #take(): Uint8Array {
    this.#seal();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#waiting = 0;
    return concat(pieces);
  }

  async #writeAll(): Promise<void> {
    try {
      // What else this turn has for it goes along.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      while (this.#waiting > 0 && !this.#isOver) {
        this.writes++;
        await this.#writer.write(this.#take());
      }
    } catch {
      // A broken pipe: what becomes of the program is heard from the system.
      this.#isOver = true;
      this.#take();
    } finally {
      this.#writing = undefined;
    }
  }
}
