/** How long a broadcast takes to those who read it. @module */

import { IDLE_PONG } from "./stalled.ts";
import { summarize, type Times } from "./times.ts";

/** Length of a broadcast, in bytes, and the time between two, in milliseconds. */
export const BROADCAST: Readonly<{ bytes: number; everyMs: number }> = Object.freeze({
  bytes: 16_384,
  everyMs: 20,
});

/** How often a reader shows that it lives, so that the server does not ask, in milliseconds. */
const ALIVE_MS = 20_000;

/** Header of the frame, as a client sends it and as a server does. */
const SENT_HEAD_BYTES = 8;
const RECEIVED_HEAD_BYTES = 4;

/** Room for the time at which a broadcast was sent, by `performance.now()`. */
const STAMP_BYTES = 24;

/** A masked text with the time in front; the masking key is zero. */
function stampedFrame(nowMs: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(SENT_HEAD_BYTES + BROADCAST.bytes).fill(0x2e, SENT_HEAD_BYTES);
  frame.set([0x81, 0x80 | 126, BROADCAST.bytes >> 8, BROADCAST.bytes & 0xff, 0, 0, 0, 0]);
  new TextEncoder().encodeInto(nowMs.toFixed(3).padEnd(STAMP_BYTES), frame.subarray(8));
  return frame;
}

/** Readers of a broadcast that is sent over the first of them, again and again. */
export class Audience {
  readonly #connections: readonly Deno.TcpConn[];
  readonly #timer: ReturnType<typeof setInterval>;
  #times: number[] = [];
  #isOver = false;

  /** Starts to send and to read. */
  constructor(connections: readonly Deno.TcpConn[]) {
    this.#connections = connections;
    void this.#send(connections[0]!);
    for (const connection of connections) void this.#read(connection);
    // The first one is heard of as it is.
    const others = connections.slice(1);
    this.#timer = setInterval(() => {
      for (const connection of others) void this.#unlessOver(connection.write(IDLE_PONG));
    }, ALIVE_MS);
  }

  /** From sending to arrival at each reader, of what arrives in the next `durationMs`. */
  async measure(durationMs: number): Promise<Times> {
    this.#times = [];
    await new Promise((resolve) => setTimeout(resolve, durationMs));
    return summarize(this.#times);
  }

  /** Sends and reads no more. */
  end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.close();
  }

  async #send(connection: Deno.TcpConn): Promise<void> {
    while (!this.#isOver) {
      const frame = stampedFrame(performance.now());
      for (let written = 0; written < frame.length && !this.#isOver;) {
        written += await this.#unlessOver(connection.write(frame.subarray(written))) ?? 0;
      }
      await new Promise((resolve) => setTimeout(resolve, BROADCAST.everyMs));
    }
  }

  async #read(connection: Deno.TcpConn): Promise<void> {
    const frame = new Uint8Array(RECEIVED_HEAD_BYTES + BROADCAST.bytes);
    const stamp = frame.subarray(RECEIVED_HEAD_BYTES, RECEIVED_HEAD_BYTES + STAMP_BYTES);
    while (!this.#isOver) {
      for (let filled = 0; filled < frame.length;) {
        const count = await this.#unlessOver(connection.read(frame.subarray(filled)));
        if (this.#isOver) return;
        if (count === null) throw new Error("Cannot measure: the server closed a connection");
        filled += count;
      }
      this.#times.push(performance.now() - Number(new TextDecoder().decode(stamp)));
    }
  }

  async #unlessOver(work: Promise<number | null>): Promise<number | null> {
    try {
      return await work;
    } catch (error) {
      if (this.#isOver) return null;
      throw error;
    }
  }
}
