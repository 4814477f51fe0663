import process from "node:process";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { corkForTurn, TurnWriter } from "../../../src/websocket/engines/turn_writer.ts";
import { assert, assertEquals, assertStrictEquals } from "../../helpers/assert.ts";
import { concat, decodeFrame, type Frame, OPCODE } from "../../../src/testing/frames.ts";

/** A socket that notes what each write to the system would carry. */
class FakeTcp extends Duplex {
  readonly writes: Buffer[][] = [];
  #stalled: (() => void) | undefined;

  constructor(private isStalled = false) {
    super();
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.writes.push([chunk]);
    this.#done(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk));
    this.#done(done);
  }

  /** Takes what has waited, and all that comes. */
  goOn(): void {
    this.isStalled = false;
    this.#stalled?.();
  }

  #done(done: () => void): void {
    if (this.isStalled) this.#stalled = done;
    else done();
  }

  override _read(): void {}
}

/** Resolves when the turn has ended, and before the next one. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function texts(write: Buffer[]): string[] {
  const bytes = concat(write.map((chunk) => new Uint8Array(chunk)));
  return frames(bytes).map(({ payload }) => new TextDecoder().decode(payload));
}

function frames(bytes: Uint8Array): Frame[] {
  const all: Frame[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const { frame, size } = decodeFrame(rest)!;
    all.push(frame);
    rest = rest.subarray(size);
  }
  return all;
}

Deno.test("TurnWriter lets what is written in one turn leave in one write, in order", async () => {
  const tcp = new FakeTcp();
  const writer = new TurnWriter(tcp);
  // As actors do, whose loops go on in microtasks.
  await Promise.resolve();
  writer.write(OPCODE.text, "one");
  await Promise.resolve();
  writer.write(OPCODE.text, "two");
  writer.writeFrame(Buffer.from([0x81, 1, 0x33]));
  assertEquals(tcp.writes.length, 0);
  await endOfTurn();
  assertEquals(tcp.writes.map(texts), [["one", "two", "3"]]);
});

Deno.test("TurnWriter lets a single frame leave before what is put off after it", async () => {
  const tcp = new FakeTcp();
  const order: string[] = [];
  new TurnWriter(tcp).write(OPCODE.text, "alone");
  process.nextTick(() => order.push(`put off, after ${tcp.writes.length}`));
  await endOfTurn();
  assertEquals(order, ["put off, after 1"]);
  assertEquals(tcp.writes.map(texts), [["alone"]]);
});

Deno.test("TurnWriter writes each turn for itself", async () => {
  const tcp = new FakeTcp();
  const writer = new TurnWriter(tcp);
  for (const text of ["a", "b"]) {
    writer.write(OPCODE.text, text);
    await endOfTurn();
  }
  assertEquals(tcp.writes.map(texts), [["a"], ["b"]]);
});

Deno.test("TurnWriter encodes a message to many sockets once in a turn", async () => {
  const sockets = Array.from({ length: 50 }, () => new FakeTcp());
  for (const tcp of sockets) new TurnWriter(tcp).write(OPCODE.text, "to all");
  const [first, ...others] = sockets;
  await endOfTurn();
  const frame = first!.writes[0]![0]!;
  for (const tcp of others) assertStrictEquals(tcp.writes[0]![0], frame);
});

Deno.test("TurnWriter takes no frame for another one of another type, body or turn", async () => {
  const tcp = new FakeTcp();
  const writer = new TurnWriter(tcp);
  const body = new Uint8Array([0x61]);
  writer.write(OPCODE.text, "a");
  writer.write(OPCODE.ping, "a");
  writer.write(OPCODE.binary, body);
  await endOfTurn();
  body[0] = 0x62;
  writer.write(OPCODE.binary, body);
  await endOfTurn();
  const bytes = concat(tcp.writes.flat());
  // Each of them is a header of two bytes and a body of one.
  const opcodes = [0, 3, 6, 9].map((at) => bytes[at]! & 15);
  assertEquals(opcodes, [OPCODE.text, OPCODE.ping, OPCODE.binary, OPCODE.binary]);
  assertEquals(tcp.writes.map(texts), [["a", "a", "a"], ["b"]]);
});

/** Messages of every length about the edges of headers and buffers. */
const someBody = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 60, unit: "binary" }) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom("x", "é", "€", "🦕"),
      fc.constantFrom(41, 42, 63, 125, 126, 1_300, 1_400, 4_096, 5_500, 22_000, 65_535, 65_536),
    ).map(([unit, count]) => unit.repeat(count)),
  },
);

Deno.test("TurnWriter writes to each of many sockets what it was given, however they take turns", async () => {
  const step = fc.record({
    socket: fc.nat(3),
    body: someBody,
    again: fc.boolean(),
    isLast: fc.nat(5).map((chance) => chance === 0),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.boolean(), async (steps, stalls) => {
      const sockets = Array.from({ length: 4 }, () => new FakeTcp(stalls));
      const writers = sockets.map((tcp) => new TurnWriter(tcp));
      const expected: Uint8Array[][] = sockets.map(() => []);
      let before: string | Uint8Array = "";
      for (const { socket, body, again, isLast } of steps) {
        // A broadcast, or a message twice to one.
        const sent = again ? before : before = body;
        const type = typeof sent === "string" ? OPCODE.text : OPCODE.binary;
        const bytes = typeof sent === "string" ? new TextEncoder().encode(sent) : sent.slice();
        assertEquals(writers[socket]!.write(type, sent), bytes.length);
        expected[socket]!.push(bytes);
        if (isLast) await endOfTurn();
      }
      await endOfTurn();
      for (const [index, tcp] of sockets.entries()) {
        tcp.goOn();
        assertEquals(writers[index]!.heldBytes, 0);
        const got = frames(concat(tcp.writes.flat()));
        assertEquals(got.map(({ payload }) => payload), expected[index]);
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("TurnWriter counts what it holds, and flush() hands it over at once, in one write", () => {
  const tcp = new FakeTcp();
  const writer = new TurnWriter(tcp);
  const other = new TurnWriter(new FakeTcp());
  for (const text of ["a", "b", "c"]) {
    writer.write(OPCODE.text, text);
    other.write(OPCODE.text, `other ${text}`);
  }
  assertEquals([writer.heldBytes, tcp.writes.length], [9, 0]);
  writer.flush();
  assertEquals([writer.heldBytes, tcp.writes.map(texts)], [0, [["a", "b", "c"]]]);
});

Deno.test("what waits for a slow reader keeps little more memory alive than its bytes", async () => {
  const slow = Array.from({ length: 2 }, () => new FakeTcp(true));
  const writers = slow.map((tcp) => new TurnWriter(tcp));
  for (let turn = 0; turn < 5; turn++) {
    for (const writer of writers) writer.write(OPCODE.text, `to all ${turn}`);
    await endOfTurn();
  }
  for (const tcp of slow) tcp.goOn();
  const [first, second] = slow.map((tcp) => tcp.writes.flat());
  // The first is under way at once; the others wait, and both share them.
  for (const [index, chunk] of first!.entries()) {
    if (index > 0) assertEquals(chunk.buffer.byteLength, chunk.length);
    assertStrictEquals(chunk, second![index]);
  }
  assertEquals(first!.length, 5);
});

Deno.test("corkForTurn() is harmless for a socket that is destroyed in the same turn", async () => {
  const [gone, there] = [new FakeTcp(), new FakeTcp()];
  gone.on("error", () => {});
  new TurnWriter(gone).write(OPCODE.text, "lost");
  gone.destroy();
  corkForTurn(there);
  there.write("x");
  await endOfTurn();
  assertEquals(gone.writes, []);
  assert(there.writes.length === 1);
});
