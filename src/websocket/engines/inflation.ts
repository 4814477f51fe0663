/**
 * Inflation of compressed messages (RFC 7692, section 7.2.2).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { constants, createInflateRaw, type InflateRaw, inflateRawSync } from "node:zlib";
import { CLOSE_CODES } from "../close_codes.ts";

/** Window of a peer that names none (RFC 7692, section 7.1.2). */
export const MAX_WINDOW_BITS = 15;

/** Messages up to so many bytes on the wire, and so many inflated, are inflated at once. */
const AT_ONCE_DEFLATED_BYTES = 4_096;
const AT_ONCE_BYTES = 131_072;

/** Output is collected in parts of so many bytes. */
const PART_BYTES = 4_096;

/** What a payload leaves out at its end. */
const TAIL = new Uint8Array([0, 0, 0xff, 0xff]);

type Done = (error: Error | null, inflated?: Buffer) => void;

/** Is told of what was inflated, or of the close code for what cannot be. */
type Inflated = (outcome: Buffer | number) => void;

/** Takes in what was inflated, or drops it and all that is behind it. */
export type TakeIn = (isWanted: boolean) => void;

/** The parts of `ws` that inflate. */
interface Inflating {
  readonly _extensions: {
    readonly "permessage-deflate": {
      readonly params: Readonly<Record<string, unknown>>;
      readonly _isServer: boolean;
      readonly _maxPayload: number;
      decompress(data: Uint8Array, isLast: boolean, done: Done): void;
      cleanup(): void;
    };
  };
  readonly _receiver: {
    createError(kind: ErrorConstructor, text: string, prefix: boolean, code: number): Error;
  };
}

/**
 * Inflates in place of a WebSocket of `ws` that has negotiated permessage-deflate.
 *
 * `ws` relies on Node's streams never calling back after an error; Deno's do, and
 * it throws where nobody catches: one corrupt message would end the program.
 * Unlike `ws`, this holds no window between messages when none is to be kept.
 *
 * `inflated` is told of each fragment, and nothing else is inflated until that was
 * taken in: of a socket that is paused up to 64 KiB are left, which may be 64 MiB.
 */
export function replaceInflation(webSocket: unknown, inflated: (takeIn: TakeIn) => void): void {
  const { _extensions: { "permessage-deflate": extension }, _receiver: receiver } =
    webSocket as Inflating;
  const peer = extension._isServer ? "client" : "server";
  const windowBits = extension.params[`${peer}_max_window_bits`];
  const createError = (code: number) =>
    receiver.createError(Error, "Cannot inflate a message", false, code);
  const inflater = new Inflater(
    typeof windowBits === "number" ? windowBits : MAX_WINDOW_BITS,
    extension.params[`${peer}_no_context_takeover`] !== true,
  );
  const maxBytes = extension._maxPayload > 0 ? extension._maxPayload : Infinity;
  const cleanUp = extension.cleanup.bind(extension);
  extension.decompress = (data, isLast, done) =>
    inflater.inflate(data, isLast, maxBytes, (outcome) =>
      inflated((isWanted) => {
        if (!isWanted) done(createError(CLOSE_CODES.abnormal.code));
        else if (typeof outcome === "number") done(createError(outcome));
        else done(null, outcome);
      }));
  extension.cleanup = () => {
    inflater.close();
    cleanUp();
  };
}

/** Inflates the fragments of one connection, one after the other. */
export class Inflater {
  readonly #windowBits: number;
  readonly #keepsWindow: boolean;
  #stream: InflateRaw | undefined;

  /** `keepsWindow`: a message may refer to the one before. */
  constructor(windowBits: number, keepsWindow: boolean) {
    this.#windowBits = windowBits;
    this.#keepsWindow = keepsWindow;
  }

  /**
   * Inflates a short message of one fragment, where none refers to the one before: a
   * stream and a thread would cost many times as much.
   *
   * @returns As `inflate` tells, or `undefined` if it is not short.
   */
  inflateNow(data: Uint8Array, maxBytes: number): Buffer | number | undefined {
    if (this.#keepsWindow || this.#stream !== undefined) return undefined;
    if (data.length > AT_ONCE_DEFLATED_BYTES) return undefined;
    const mostBytes = Math.min(maxBytes, AT_ONCE_BYTES);
    const whole = new Uint8Array(data.length + TAIL.length);
    whole.set(data);
    whole.set(TAIL, data.length);
    try {
      return inflateRawSync(whole, {
        windowBits: this.#windowBits,
        finishFlush: constants.Z_SYNC_FLUSH,
        chunkSize: PART_BYTES,
        maxOutputLength: Math.max(mostBytes, 1),
      });
    } catch (error) {
      const isTooLong = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
      if (!isTooLong) return CLOSE_CODES.invalidPayload.code;
      return maxBytes > AT_ONCE_BYTES ? undefined : CLOSE_CODES.messageTooBig.code;
    }
  }

  /** Inflates a fragment that becomes no longer than `maxBytes`. */
  inflate(data: Uint8Array, isLast: boolean, maxBytes: number, inflated: Inflated): void {
    const stream = this.#stream ??= createInflateRaw({ windowBits: this.#windowBits });
    const parts: Buffer[] = [];
    let bytes = 0;
    let isSettled = false;
    const settle = (code?: number) => {
      if (isSettled || this.#stream !== stream) return;
      isSettled = true;
      stream.off("data", take).off("error", fail);
      const isSpent = code !== undefined || stream.readableEnded || (isLast && !this.#keepsWindow);
      if (isSpent) this.close();
      inflated(code ?? Buffer.concat(parts, bytes));
    };
    const take = (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxBytes) settle(CLOSE_CODES.messageTooBig.code);
      else parts.push(part);
    };
    const fail = () => settle(CLOSE_CODES.invalidPayload.code);
    stream.on("data", take).on("error", fail);
    stream.write(data);
    if (isLast) stream.write(TAIL);
    stream.flush(() => stream.errored ? fail() : settle());
  }

  /** Gives the window back; what is being inflated is forgotten. */
  close(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    // It may still tell of an error.
    stream?.on("error", () => {}).close();
  }
}
