/**
 * A TCP connection read in portions of the caller's choice, each with a deadline.
 *
 * @module
 */

import { concat } from "./frames.ts";

/** Reads and writes bytes; whatever takes longer than the deadline throws. */
export class ByteStream {
  readonly #conn: Deno.TcpConn;
  readonly #timeoutMs: number;
  #buffered: Uint8Array<ArrayBuffer> = new Uint8Array();
  #ended = false;
  #closed = false;

  constructor(conn: Deno.TcpConn, timeoutMs: number) {
    this.#conn = conn;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Takes what `find` finds at the beginning, reading on until it does;
   * `undefined` when the connection ends before.
   */
  async take<T>(
    what: string,
    find: (bytes: Uint8Array) => { value: T; size: number } | undefined,
  ): Promise<T | undefined> {
    const deadline = performance.now() + this.#timeoutMs;
    for (;;) {
      const found = find(this.#buffered);
      if (found !== undefined) {
        this.#buffered = this.#buffered.slice(found.size);
        return found.value;
      }
      if (this.#ended) return undefined;
      await this.#fill(what, deadline - performance.now());
    }
  }

  /** Everything up to the end of the connection. */
  async takeRest(what: string): Promise<Uint8Array> {
    const deadline = performance.now() + this.#timeoutMs;
    while (!this.#ended) await this.#fill(what, deadline - performance.now());
    const rest = this.#buffered;
    this.#buffered = new Uint8Array();
    return rest;
  }

  /** Writes all of it. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      const writing = this.#conn.write(bytes.subarray(offset));
      offset += await this.#inTime("write", writing, this.#timeoutMs);
    }
  }

  /** Ends the sending half only. */
  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Drops the connection without a word; unread bytes make it a reset. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  async #fill(what: string, timeoutMs: number): Promise<void> {
    const portion = new Uint8Array(65_536);
    const count = await this.#inTime(what, this.#read(portion), timeoutMs);
    if (count === null) this.#ended = true;
    else this.#buffered = concat([this.#buffered, portion.subarray(0, count)]);
  }

  async #read(portion: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(portion);
    } catch (error) {
      // A reset ends the stream as surely as an orderly end does.
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    }
  }

  async #inTime<T>(what: string, work: Promise<T>, timeoutMs: number): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Error(`Cannot ${what}: nothing for ${this.#timeoutMs} ms`));
      this.close();
    }, Math.max(0, timeoutMs));
    // Closing makes the pending operation fail, which nobody waits for any more.
    work.catch(() => {});
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
