/**
 * Standard output and standard error of a command.
 *
 * @module
 */

import { isReaderGone, writeAll, type WriteBytes } from "../telemetry/mod.ts";

/** Bytes that may wait for a reader before {@linkcode ByteOutput.offer} lets its caller wait. */
export const WAITING_BYTES = 67_108_864;

/** Small chunks are written together up to that, in bytes. */
const JOINED_BYTES = 65_536;

/** Writes in order and without blocking this thread, so that signals and pings are heard. */
export interface ByteOutput {
  /** Takes bytes; they may not be changed any more. What comes after a failure is dropped. */
  push(bytes: Uint8Array): void;
  /**
   * Takes bytes and resolves when there is room for more, or `signal` aborts;
   * false if nobody reads them any more.
   */
  offer(bytes: Uint8Array, signal?: AbortSignal): Promise<boolean>;
  /** Resolves when all is written, nothing more can be, or `signal` aborts: then the rest is dropped. */
  end(signal?: AbortSignal): Promise<void>;
  /** Why not all could be written; undefined if all was, or the reader has gone. */
  readonly fault: unknown;
}

/** Resolves with the promise or the signal, whatever is first. */
async function settledOr(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await promise;
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve();
  if (signal.aborted) return;
  signal.addEventListener("abort", onAbort, { once: true });
  await Promise.race([promise, aborted.promise]);
  signal.removeEventListener("abort", onAbort);
}

/** Takes the first chunks, joined if they are small. */
function takeJoined(waiting: Uint8Array[]): Uint8Array {
  let count = 0;
  let bytes = 0;
  while (count < waiting.length && bytes + waiting[count]!.length <= JOINED_BYTES) {
    bytes += waiting[count++]!.length;
  }
  if (count <= 1) return waiting.shift()!;
  const joined = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of waiting.splice(0, count)) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/** Makes one. */
export function createByteOutput(
  write: WriteBytes,
  waitingLimitBytes: number = WAITING_BYTES,
): ByteOutput {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let failure: { readonly error: unknown } | undefined;
  let isDropped = false;
  let pumping: Promise<void> | undefined;
  let room: PromiseWithResolvers<void> | undefined;

  function makeRoom(): void {
    if (waitingBytes > waitingLimitBytes) return;
    room?.resolve();
    room = undefined;
  }

  async function pump(): Promise<void> {
    while (waiting.length > 0 && failure === undefined) {
      const chunk = takeJoined(waiting);
      const { error } = await writeAll(write, chunk);
      waitingBytes -= chunk.length;
      makeRoom();
      if (error !== undefined) failure = { error };
    }
    pumping = undefined;
    if (failure === undefined) return;
    waiting.length = 0;
    waitingBytes = 0;
    makeRoom();
  }

  function push(bytes: Uint8Array): void {
    if (failure !== undefined || isDropped) return;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    pumping ??= pump();
  }

  return {
    push,
    async offer(bytes, signal) {
      push(bytes);
      if (waitingBytes > waitingLimitBytes) {
        room ??= Promise.withResolvers();
        await settledOr(room.promise, signal);
      }
      return failure === undefined;
    },
    async end(signal) {
      if (isDropped || pumping === undefined) return;
      await settledOr(pumping, signal);
      if (pumping !== undefined) isDropped = true;
    },
    get fault() {
      return failure === undefined || isReaderGone(failure.error) ? undefined : failure.error;
    },
  };
}
