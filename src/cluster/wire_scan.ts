/**
 * Bounds of a batch, checked before anything of it is allocated.
 *
 * @module
 */

import { WIRE_LIMITS } from "./limits.ts";

/** Thrown inside the room only: `decodeBatch` answers it as a value. */
export class ScanError extends Error {}

// What follows the head of each extension that the encoder of `structuredClone` makes.
const EXTENSIONS: ReadonlyMap<number, "bytes" | "value"> = new Map([
  [0x00, "bytes"], // undefined
  [0x42, "bytes"], // bigint
  [0x65, "value"], // error
  [0x69, "value"], // what a pointer points to
  [0x70, "bytes"], // pointer
  [0x73, "value"], // set
  [0x74, "bytes"], // typed array
  [0x78, "value"], // regular expression
  [0xff, "bytes"], // date
]);
const RECORD = 0x72;

/** What a token stands for: bytes to pass over, then so many values. */
interface Token {
  readonly bytes: number;
  readonly values: number;
}

/**
 * Walks one MessagePack value without building it.
 *
 * Depth is bounded, each announced length is held against the bytes that are
 * left, and what the encoder never makes is refused. `depth` is how deep the
 * value itself will stand.
 *
 * @throws {ScanError} Naming what was wrong.
 */
export function scan(bytes: Uint8Array, depth = 0): void {
  const scanner = new Scanner(bytes);
  scanner.value(depth);
  if (scanner.position !== bytes.length) throw new ScanError("bytes follow its end");
}

class Scanner {
  position = 0;
  readonly #view: DataView;
  /** How many fields a record has, by its id: defined in this batch only. */
  readonly #records = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(depth: number): void {
    if (depth > WIRE_LIMITS.maxDepth) {
      throw new ScanError(`it is nested deeper than ${WIRE_LIMITS.maxDepth}`);
    }
    const token = this.#uint(1);
    const { bytes, values } = token >= 0xc0 && token < 0xe0
      ? this.#long(token, depth)
      : this.#short(token);
    this.#expect(bytes);
    this.position += bytes;
    // Each value takes at least a byte: a length that is a lie is found before its first one.
    this.#expect(values);
    for (let i = 0; i < values; i++) this.value(depth + 1);
  }

  #short(token: number): Token {
    if (token < 0x40 || token >= 0xe0) return { bytes: 0, values: 0 };
    if (token < 0x80) {
      const fields = this.#records.get(token);
      if (fields === undefined) throw new ScanError(`record ${token} is not defined`);
      return { bytes: 0, values: fields };
    }
    if (token < 0x90) return { bytes: 0, values: (token & 0x0f) * 2 };
    if (token < 0xa0) return { bytes: 0, values: token & 0x0f };
    return { bytes: token & 0x1f, values: 0 };
  }

  #long(token: number, depth: number): Token {
    if (token === 0xc1) throw new ScanError("it has a token that is never used");
    if (token <= 0xc3) return { bytes: 0, values: 0 };
    if (token <= 0xc6) return { bytes: this.#uint(1 << (token - 0xc4)), values: 0 };
    if (token <= 0xc9) return this.#extension(this.#uint(1 << (token - 0xc7)), depth);
    if (token <= 0xcb) return { bytes: token === 0xca ? 4 : 8, values: 0 };
    if (token <= 0xcf) return { bytes: 1 << (token - 0xcc), values: 0 };
    if (token <= 0xd3) return { bytes: 1 << (token - 0xd0), values: 0 };
    if (token <= 0xd8) return this.#extension(1 << (token - 0xd4), depth);
    if (token <= 0xdb) return { bytes: this.#uint(1 << (token - 0xd9)), values: 0 };
    if (token <= 0xdd) return { bytes: 0, values: this.#uint(token === 0xdc ? 2 : 4) };
    return { bytes: 0, values: this.#uint(token === 0xde ? 2 : 4) * 2 };
  }

  #extension(length: number, depth: number): Token {
    const type = this.#uint(1);
    if (type === RECORD) return this.#record(length, depth);
    const kind = EXTENSIONS.get(type);
    if (kind === undefined) throw new ScanError(`extension ${type} is not known`);
    return { bytes: length, values: kind === "value" ? 1 : 0 };
  }

  #record(length: number, depth: number): Token {
    if (length !== 1) throw new ScanError("a record has an id of more than a byte");
    const id = this.#uint(1);
    const fields = this.#count();
    for (let i = 0; i < fields; i++) {
      const token = this.#peek();
      const isText = token >= 0xa0 && token < 0xc0 || token >= 0xd9 && token <= 0xdb;
      if (!isText) throw new ScanError("a field of a record is not named by a text");
      this.value(depth + 1);
    }
    this.#records.set(id, fields);
    return { bytes: 0, values: fields };
  }

  #count(): number {
    const token = this.#uint(1);
    if (token >= 0x90 && token < 0xa0) return token & 0x0f;
    if (token === 0xdc) return this.#uint(2);
    throw new ScanError("a record has no list of fields");
  }

  #peek(): number {
    this.#expect(1);
    return this.#view.getUint8(this.position);
  }

  #uint(bytes: number): number {
    this.#expect(bytes);
    const at = this.position;
    this.position += bytes;
    if (bytes === 1) return this.#view.getUint8(at);
    return bytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #expect(bytes: number): void {
    if (bytes > this.#view.byteLength - this.position) throw new ScanError("it ends too early");
  }
}
