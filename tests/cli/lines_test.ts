import { readLines } from "../../src/cli/lines.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("readLines() keeps a byte order mark, in text as in bytes", async () => {
  const text = "\ufeffone\n\ufefftwo\n";
  const lines = await Array.fromAsync(readLines(new Blob([text]).stream(), false));
  assertEquals(lines, ["\ufeffone", "\ufefftwo"]);
  const bytes = await Array.fromAsync(readLines(new Blob([text]).stream(), true));
  assertEquals(bytes, lines.map((line) => new TextEncoder().encode(line as string)));
});
