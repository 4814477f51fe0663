/**
 * Inflation of compressed messages (RFC 7692, section 7.2.2).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createInflateRaw, type InflateRaw } from "node:zlib";
import { CLOSE_CODES } from "../close_codes.ts";

/** What a payload leaves out at its end. */
const TAIL = new Uint8Array([0, 0, 0xff, 0xff]);

type Done = (error: Error | null, inflated?: Buffer) => void;

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
  const inflater = new Inflater({
    windowBits: typeof windowBits === "number" ? windowBits : 15,
    keepsWindow: extension.params[`${peer}_no_context_takeover`] !== true,
    maxBytes: extension._maxPayload,
    createError,
  });
  const cleanUp = extension.cleanup.bind(extension);
  extension.decompress = (data, isLast, done) =>
    inflater.inflate(data, isLast, (error, payload) =>
      inflated((isWanted) => {
        if (isWanted) done(error, payload);
        else done(createError(CLOSE_CODES.abnormal.code));
      }));
  extension.cleanup = () => {
    inflater.close();
    cleanUp();
  };
}

interface InflaterOptions {
  readonly windowBits: number;
  /** Whether a message may refer to the one before. */
  readonly keepsWindow: boolean;
  /** Most bytes of one fragment, inflated; 0 is no limit. */
  readonly maxBytes: number;
  /** The error that fails the connection with a code. */
  createError(code: number): Error;
}

/** Inflates the fragments of one connection, one after the other. */
class Inflater {
  readonly #options: InflaterOptions;
  #stream: InflateRaw | undefined;

  constructor(options: InflaterOptions) {
    this.#options = options;
  }

  inflate(data: Uint8Array, isLast: boolean, done: Done): void {
    const { windowBits, keepsWindow, maxBytes, createError } = this.#options;
    const stream = this.#stream ??= createInflateRaw({ windowBits });
    const parts: Buffer[] = [];
    let bytes = 0;
    let isSettled = false;
    const settle = (code?: number) => {
      if (isSettled || this.#stream !== stream) return;
      isSettled = true;
      stream.off("data", take).off("error", fail);
      const isSpent = code !== undefined || stream.readableEnded || (isLast && !keepsWindow);
      if (isSpent) this.close();
      if (code === undefined) done(null, Buffer.concat(parts, bytes));
      else done(createError(code));
    };
    const take = (part: Buffer) => {
      bytes += part.length;
      if (maxBytes > 0 && bytes > maxBytes) settle(CLOSE_CODES.messageTooBig.code);
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
