/**
 * Lines of a stream of bytes.
 *
 * @module
 */

import { DelimiterStream as Untyped } from "@std/streams/delimiter-stream";

const DelimiterStream: new (
  delimiter: Uint8Array,
  options: { readonly disposition: "suffix" },
) => TransformStream<Uint8Array, Uint8Array> = Untyped;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Lines without their ends, as text or, with `asBytes`, as the bytes that they
 * are. A last line without an end counts if it is not empty; bytes that are no
 * UTF-8 become U+FFFD in text.
 */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
  asBytes: boolean,
): AsyncGenerator<string | Uint8Array> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const splitter = new DelimiterStream(new Uint8Array([NEWLINE]), { disposition: "suffix" });
  for await (const line of stream.pipeThrough(splitter)) {
    if (line.length === 0) continue;
    const bytes = without(line, NEWLINE);
    yield asBytes ? bytes : decoder.decode(without(bytes, RETURN));
  }
}

function without(line: Uint8Array, end: number): Uint8Array {
  return line.at(-1) === end ? line.subarray(0, -1) : line;
}
