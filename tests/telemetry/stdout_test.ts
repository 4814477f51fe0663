import { createExactWrite, nextPiece } from "../../src/telemetry/logs/stdout.ts";
import { writeAll } from "../../src/telemetry/logs/write_all.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

/** The runtime's buffer of lines before something that takes `roomBytes` at most, and then is full. */
function createLineWriter(room: () => number) {
  const taken: number[] = [];
  let buffer: number[] = [];
  const state = { taken, blocked: 0 };
  function inner(bytes: readonly number[]): number {
    const count = Math.min(bytes.length, room());
    if (count === 0 && bytes.length > 0) {
      state.blocked++;
      throw new Deno.errors.WouldBlock("Resource temporarily unavailable (os error 11)");
    }
    taken.push(...bytes.slice(0, count));
    return count;
  }
  function flush(): void {
    while (buffer.length > 0) buffer = buffer.slice(inner(buffer));
  }
  // As std::io::LineWriter does, and `Deno.stdout.write` with a flush after it.
  function write(bytes: Uint8Array): Promise<number> {
    const all = [...bytes];
    const lines = all.lastIndexOf(0x0a) + 1;
    let count = 0;
    if (lines > 0) {
      flush();
      count = inner(all.slice(0, lines));
      const tail = all.slice(count, count < lines - 1 ? lines - 1 : undefined).slice(0, 1024);
      buffer.push(...tail);
      count += tail.length;
    } else if (all.length < 1024 - buffer.length) {
      buffer.push(...all);
      count = all.length;
    } else {
      flush();
      count = inner(all);
    }
    flush();
    return Promise.resolve(count);
  }
  return { state, write: async (bytes: Uint8Array) => await write(bytes) };
}

const TEXTS: Readonly<Record<string, string>> = {
  "short lines": "short line\n".repeat(1500),
  "one long line": `${"x".repeat(20_000)}\n`,
  "long lines": `${"y".repeat(4_999)}\n`.repeat(5),
  "empty lines": "\n".repeat(3_000),
  "no line end": "z".repeat(700),
  "everything": `a\n${"b".repeat(1_024)}\n\n${"c".repeat(1_023)}\n${"d".repeat(4_096)}\ne`,
};

for (const [name, text] of Object.entries(TEXTS)) {
  Deno.test(`createExactWrite() writes ${name} once to a terminal that takes any part`, async () => {
    let turn = 0;
    const rooms = [0, 1, 3, 0, 700, 0, 2_000];
    const { state, write } = createLineWriter(() => rooms[turn++ % rooms.length]!);
    const bytes = new TextEncoder().encode(text.slice(0, 6_000));
    assertEquals((await writeAll(createExactWrite(write, 1), bytes)).error, undefined);
    assertEquals(new TextDecoder().decode(new Uint8Array(state.taken)), text.slice(0, 6_000));
    assert(state.blocked > 0);
  });

  Deno.test(`createExactWrite() writes ${name} once to a pipe that is full now and then`, async () => {
    let turn = 0;

    const { state, write } = createLineWriter(() => turn++ % 2 === 0 ? 0 : 4_096);
    const bytes = new TextEncoder().encode(text);
    assertEquals((await writeAll(createExactWrite(write, 4_096), bytes)).error, undefined);
    assertEquals(new TextDecoder().decode(new Uint8Array(state.taken)), text);
  });
}

Deno.test("nextPiece() takes lines together, or what is between their ends", () => {
  const pieceOf = (text: string, whole: number) =>
    nextPiece(new TextEncoder().encode(text), whole).length;
  assertEquals([pieceOf("a\nb\nc", 4_096), pieceOf("a\nb\nc", 1), pieceOf("\n\n", 1)], [4, 1, 1]);
  assertEquals(pieceOf("x".repeat(5_000) + "\n", 4_096), 5_000);
});

Deno.test("writeAll() tells what it has written before an error", async () => {
  const write = (bytes: Uint8Array) =>
    bytes.length > 3 ? Promise.resolve(2) : Promise.reject(new Error("No space left on device"));
  const { written, error } = await writeAll(write, new Uint8Array(6));
  assertEquals([written, (error as Error).message], [4, "No space left on device"]);
});
