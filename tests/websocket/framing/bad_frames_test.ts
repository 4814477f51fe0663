import { assertEquals } from "../../helpers/assert.ts";
import { readOwn, readWs } from "./both_readers.ts";

/** The frames of `tests/websocket/framing/bad_frames.txt`: limit, code, bytes, and what they are. */
interface BadFrames {
  readonly maxMessageBytes: number;
  readonly code: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly what: string;
}

const CORPUS: readonly BadFrames[] = (await Deno.readTextFile(
  new URL("bad_frames.txt", import.meta.url),
))
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [limit, code, hex, what] = line.split("|").map((part) => part.trim());
    return {
      maxMessageBytes: Number(limit),
      code: Number(code),
      bytes: Uint8Array.from(hex!.split(" "), (byte) => parseInt(byte, 16)),
      what: what!,
    };
  });

Deno.test("step() ends each of the bad frames with its code, whole and byte by byte", () => {
  for (const { maxMessageBytes, code, bytes, what } of CORPUS) {
    assertEquals(readOwn([bytes], { maxMessageBytes }), { arrived: [], violation: code }, what);
    const single = Array.from(bytes, (byte) => new Uint8Array([byte]));
    assertEquals(readOwn(single, { maxMessageBytes }), { arrived: [], violation: code }, what);
  }
});

Deno.test("step() lets none of the bad frames pass when a bit or a byte of them is changed", async () => {
  for (const { maxMessageBytes, bytes, what } of CORPUS) {
    for (let at = 0; at < Math.min(bytes.length, 40); at++) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const changed = bytes.slice();
        changed[at]! ^= bit;
        const own = readOwn([changed], { maxMessageBytes });
        // That text is looked at earlier is of the property test.
        if (own.violation === 1007) continue;
        const other = await readWs([changed], { maxMessageBytes });
        assertEquals(own, other, `${what}, bit ${bit} of byte ${at}`);
      }
    }
  }
});
