import { byteLength } from "../../src/text/byte_length.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("byteLength() counts what the encoder would write", () => {
  const texts = [
    "",
    "plain",
    "h\u00e9",
    "\u20ac",
    "\u{1f600}",
    "a\u{1f600}\u{1f600}b",
    "lone \ud83d",
    "\ude00 lone",
    "\ud83d\ud83d\ude00",
    "\ude00\ud83d",
  ];
  // Short ones and long ones go different ways; each is asked for a second time.
  for (const text of [...texts, ...texts.map((each) => each.padEnd(600, each)), "", "a", ""]) {
    const bytes = new TextEncoder().encode(text).byteLength;
    assertEquals([byteLength(text), byteLength(text)], [bytes, bytes], JSON.stringify(text));
  }
  assertEquals(byteLength(new Uint8Array(7)), 7);
});
