/**
 * What has arrived of a message that is not whole yet.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Chunks that may wait as they came; more are put together, so that few are left. */
export const LOOSE_CHUNKS = 64;

/** The part of `ws` that takes in what arrives. */
export interface Receiving {
  /** Chunks in order; the first ones may begin in their middle. */
  readonly _buffers: Buffer[];
  _write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void;
}

/**
 * Keeps a receiver of `ws` from collecting chunks without bound.
 *
 * It takes a message out of its chunks by shifting an array, for time that grows
 * with the square of their number: a stranger who sends a message of 50,000 bytes
 * one by one stops the program for seconds, and each of the bytes takes a buffer.
 */
export function joinChunks(receiver: Receiving): void {
  const write = receiver._write;
  receiver._write = (chunk, encoding, done) => {
    joinLast(receiver._buffers);
    write.call(receiver, chunk, encoding, done);
  };
}

/**
 * Puts the last chunks together where there are many: those that are no longer than
 * all behind them. So no byte is copied more often than its chunk has doubled, and
 * few more than {@linkcode LOOSE_CHUNKS} are left.
 */
export function joinLast(chunks: Buffer[]): void {
  let start = chunks.length - 1;
  if (start < LOOSE_CHUNKS) return;
  let bytes = chunks[start]!.length;
  while (start >= LOOSE_CHUNKS && chunks[start - 1]!.length <= bytes) {
    bytes += chunks[--start]!.length;
  }
  const run = chunks.splice(start);
  chunks.push(run.length === 1 ? run[0]! : Buffer.concat(run, bytes));
}
