import { ProgramOutputError } from "../../src/programs/errors.ts";
import { LengthReader, LineReader, withLength } from "../../src/programs/framing.ts";
import { linesOf } from "../../src/programs/text_lines.ts";
import { assert, assertEquals, assertLessOrEqual, assertThrows } from "../helpers/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The lines of a text that comes in pieces of `size` bytes. */
function readInPieces(reader: LineReader, bytes: Uint8Array, size: number): unknown[] {
  const lines: unknown[] = [];
  for (let start = 0; start < bytes.byteLength; start += size) {
    const chunk = bytes.slice(start, start + size);
    const block = reader.push(chunk);
    if (block !== undefined) lines.push(...linesOf(block));
    // The next chunk is read into the same memory.
    chunk.fill(0x2a);
  }
  return lines;
}

Deno.test("LineReader finds the same lines however they are cut", () => {
  const text = "first\n\nséc😀nd\r\nthird\nhalf";
  const expected = ["first", "", "séc😀nd\r", "third"];
  for (let size = 1; size <= 30; size++) {
    const reader = new LineReader(100);
    assertEquals(readInPieces(reader, encode(text), size), expected, `pieces of ${size}`);
    assertEquals(new TextDecoder().decode(reader.end()), "half");
    assertEquals(reader.bufferedBytes, 0);
  }
});

Deno.test("LineReader takes a line of exactly the limit and refuses one byte more", () => {
  for (const size of [1, 3, 64]) {
    const fits = encode("x".repeat(10) + "\n" + "y".repeat(10) + "\n");
    assertEquals(readInPieces(new LineReader(10), fits, size).length, 2);
    const tooLong = encode("ok\n" + "x".repeat(11) + "\nok\n");
    const error = assertThrows(
      () => readInPieces(new LineReader(10), tooLong, size),
      ProgramOutputError,
    );
    assertEquals(error.maxBytes, 10);
  }
});

Deno.test("LineReader keeps no more than its limit of 100 MiB without a newline", () => {
  const reader = new LineReader(65_536);
  const chunk = new Uint8Array(16_384).fill(0x61);
  let pushed = 0;
  assertThrows(() => {
    for (; pushed < 100 * 2 ** 20; pushed += chunk.byteLength) {
      reader.push(chunk);
      assertLessOrEqual(reader.bufferedBytes, 65_536);
    }
  }, ProgramOutputError);
  assertEquals([pushed, reader.bufferedBytes], [65_536, 0]);
});

Deno.test("linesOf() gives the bytes of a line that is not UTF-8, and the others as text", () => {
  const block = new Uint8Array([0x61, 0x0a, 0xff, 0xfe, 0x0a, 0xc3, 0xa9, 0x0a, 0x0a]);
  assertEquals(linesOf(block), ["a", new Uint8Array([0xff, 0xfe]), "é", ""]);
  assertEquals(linesOf(encode("\ufeffkept\n")), ["\ufeffkept"]);
});

Deno.test("LengthReader finds the same messages however they are cut", () => {
  const messages = [encode("one"), new Uint8Array(), new Uint8Array(300).fill(7), encode("é")];
  const bytes = new Uint8Array(messages.flatMap((message) => [...withLength(message)]));
  for (const size of [1, 2, 3, 5, 64, 1_000]) {
    const reader = new LengthReader(300);
    const found: Uint8Array[] = [];
    for (let start = 0; start < bytes.byteLength; start += size) {
      const chunk = bytes.slice(start, start + size);
      found.push(...reader.push(chunk));
      chunk.fill(0x2a);
    }
    assertEquals(found, messages, `pieces of ${size}`);
    assertEquals(reader.bufferedBytes, 0);
  }
});

Deno.test("LengthReader refuses a length over its limit before the message has come", () => {
  const reader = new LengthReader(300);
  assertEquals(reader.push(new Uint8Array([0, 0, 1])), []);
  assertThrows(() => reader.push(new Uint8Array([45])), ProgramOutputError);
  assertEquals(new LengthReader(300).push(new Uint8Array([0, 0, 1, 44])), []);
  assertThrows(
    () => new LengthReader(2 ** 31).push(new Uint8Array([255, 255, 255, 255])),
    ProgramOutputError,
  );
});

Deno.test("withLength() puts four bytes in front, big endian", () => {
  assertEquals([...withLength(new Uint8Array(258)).subarray(0, 5)], [0, 0, 1, 2, 0]);
  assert(withLength(encode("")).byteLength === 4);
});
