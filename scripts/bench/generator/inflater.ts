/**
 * Inflates the messages of one sender, in order (RFC 7692, section 7.2.2).
 *
 * @module
 */

import { createInflateRaw } from "node:zlib";
import type { Bytes } from "./frames.ts";

/** What a sender leaves off a message. */
const TAIL = new Uint8Array([0x00, 0x00, 0xff, 0xff]);

/** Keeps the window from message to message, as a sender may. */
export class Inflater {
  readonly #stream = createInflateRaw();

  inflate(payload: Bytes): Promise<Bytes> {
    const { promise, resolve, reject } = Promise.withResolvers<Bytes>();
    const parts: Uint8Array[] = [];
    const take = (part: Uint8Array) => parts.push(part);
    this.#stream.on("data", take);
    this.#stream.once("error", reject);
    this.#stream.write(payload);
    this.#stream.write(TAIL);
    this.#stream.flush(() => {
      this.#stream.off("data", take).off("error", reject);
      resolve(new Uint8Array(parts.flatMap((part) => [...part])));
    });
    return promise;
  }
}
