/**
 * Lines of text out of bytes.
 *
 * @module
 */

const NEWLINE = 0x0a;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of some bytes; `undefined` if they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    // Not UTF-8: that is what is asked.
    return undefined;
  }
}

/** The lines of a block that ends with a newline, without it; bytes where a line is not UTF-8. */
export function linesOf(block: Uint8Array): (string | Uint8Array)[] {
  const text = decodeText(block);
  if (text !== undefined) {
    const lines = text.split("\n");
    lines.pop();
    return lines;
  }
  const lines: (string | Uint8Array)[] = [];
  for (let start = 0; start < block.byteLength;) {
    const end = block.indexOf(NEWLINE, start);
    const line = block.subarray(start, end);
    lines.push(decodeText(line) ?? line);
    start = end + 1;
  }
  return lines;
}

/** Bytes that are not UTF-8, as they are shown in the log. */
export function showBytes(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 256));
}
