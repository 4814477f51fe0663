/**
 * Messages of one connection as lines, or each after its length.
 *
 * @module
 */

import { LengthReader, LineReader, linesOf, withLength } from "../../programs/mod.ts";
import { MESSAGE_TYPE, type OutgoingMessage } from "../../websocket/mod.ts";

/** How messages are told apart in the input and the output of a program. */
export interface Framing {
  /** What the program reads of a message; a text says why it cannot. */
  frame(body: string | Uint8Array): string | Uint8Array | { readonly wrong: string };
  /**
   * The messages that are whole by now; bytes where a text was expected cannot be sent.
   *
   * @throws {ProgramOutputError} If one is too long.
   */
  push(chunk: Uint8Array): readonly (OutgoingMessage | Uint8Array)[];
  /** The message that the end of the output has ended. */
  end(): readonly (OutgoingMessage | Uint8Array)[];
  readonly bufferedBytes: number;
}

const NEWLINE = 0x0a;

/** A line is a text message, with or without a carriage return at its end. */
export class LineFraming implements Framing {
  readonly #lines: LineReader;

  constructor(maxBytes: number) {
    this.#lines = new LineReader(maxBytes);
  }

  get bufferedBytes(): number {
    return this.#lines.bufferedBytes;
  }

  frame(body: string | Uint8Array) {
    return typeof body === "string" ? `${body}\n` : { wrong: "only text messages are read here" };
  }

  push(chunk: Uint8Array) {
    const block = this.#lines.push(chunk);
    return block === undefined ? [] : linesOf(block).map(toText);
  }

  end() {
    const rest = this.#lines.end();
    if (rest.byteLength === 0) return [];
    return linesOf(new Uint8Array([...rest, NEWLINE])).map(toText);
  }
}

function toText(line: string | Uint8Array): OutgoingMessage | Uint8Array {
  if (typeof line !== "string") return line;
  const body = line.endsWith("\r") ? line.slice(0, -1) : line;
  return { kind: "message", type: MESSAGE_TYPE.text, body };
}

/** A message follows its length; those of the program are binary. */
export class LengthFraming implements Framing {
  readonly #messages: LengthReader;
  readonly #encoder = new TextEncoder();

  constructor(maxBytes: number) {
    this.#messages = new LengthReader(maxBytes);
  }

  get bufferedBytes(): number {
    return this.#messages.bufferedBytes;
  }

  frame(body: string | Uint8Array) {
    return withLength(typeof body === "string" ? this.#encoder.encode(body) : body);
  }

  push(chunk: Uint8Array): OutgoingMessage[] {
    return this.#messages.push(chunk)
      .map((body) => ({ kind: "message", type: MESSAGE_TYPE.binary, body }));
  }

  end() {
    return [];
  }
}
