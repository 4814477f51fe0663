import type { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { corkForTurn, writeInTurn } from "../../../src/websocket/engines/turn_writer.ts";
import { assert, assertEquals, assertStrictEquals } from "../../helpers/assert.ts";
import { concat, decodeFrame, OPCODE } from "../../../src/testing/frames.ts";

/** A socket that notes what each write to the system would carry. */
class FakeTcp extends Duplex {
  readonly writes: Buffer[][] = [];

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.writes.push([chunk]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _read(): void {}
}

/** Resolves when the turn has ended, and before the next one. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function texts(write: Buffer[]): string[] {
  let rest: Uint8Array = concat(write.map((chunk) => new Uint8Array(chunk)));
  const all: string[] = [];
  while (rest.length > 0) {
    const { frame, size } = decodeFrame(rest)!;
    all.push(new TextDecoder().decode(frame.payload));
    rest = rest.subarray(size);
  }
  return all;
}

Deno.test("writeInTurn() lets what is written in one turn leave in one write, in order", async () => {
  const tcp = new FakeTcp();
  // As actors do, whose loops go on in microtasks.
  await Promise.resolve();
  writeInTurn(tcp, OPCODE.text, "one");
  await Promise.resolve();
  writeInTurn(tcp, OPCODE.text, "two");
  tcp.write(new Uint8Array([0x81, 1, 0x33]));
  assertEquals(tcp.writes.length, 0);
  await endOfTurn();
  assertEquals(tcp.writes.map(texts), [["one", "two", "3"]]);
});

Deno.test("writeInTurn() lets a single frame leave before any timer of the next turn", async () => {
  const tcp = new FakeTcp();
  const order: string[] = [];
  setTimeout(() => order.push(`timer, after ${tcp.writes.length}`), 0);
  writeInTurn(tcp, OPCODE.text, "alone");
  await endOfTurn();
  assertEquals(order, ["timer, after 1"]);
  assertEquals(tcp.writes.map(texts), [["alone"]]);
});

Deno.test("writeInTurn() writes each turn for itself", async () => {
  const tcp = new FakeTcp();
  for (const text of ["a", "b"]) {
    writeInTurn(tcp, OPCODE.text, text);
    await endOfTurn();
  }
  assertEquals(tcp.writes.map(texts), [["a"], ["b"]]);
});

Deno.test("writeInTurn() encodes a message to many sockets once in a turn", async () => {
  const sockets = Array.from({ length: 50 }, () => new FakeTcp());
  for (const tcp of sockets) writeInTurn(tcp, OPCODE.text, "to all");
  const [first, ...others] = sockets;
  await endOfTurn();
  const frame = first!.writes[0]![0]!;
  for (const tcp of others) assertStrictEquals(tcp.writes[0]![0], frame);
});

Deno.test("writeInTurn() takes no frame for another one of another type, body or turn", async () => {
  const tcp = new FakeTcp();
  const body = new Uint8Array([0x61]);
  writeInTurn(tcp, OPCODE.text, "a");
  writeInTurn(tcp, OPCODE.ping, "a");
  writeInTurn(tcp, OPCODE.binary, body);
  await endOfTurn();
  body[0] = 0x62;
  writeInTurn(tcp, OPCODE.binary, body);
  await endOfTurn();
  const opcodes = tcp.writes.flat().map((chunk) => chunk[0]! & 15);
  assertEquals(opcodes, [OPCODE.text, OPCODE.ping, OPCODE.binary, OPCODE.binary]);
  assertEquals(tcp.writes.map(texts), [["a", "a", "a"], ["b"]]);
});

Deno.test("corkForTurn() is harmless for a socket that is destroyed in the same turn", async () => {
  const [gone, there] = [new FakeTcp(), new FakeTcp()];
  gone.on("error", () => {});
  writeInTurn(gone, OPCODE.text, "lost");
  gone.destroy();
  corkForTurn(there);
  there.write("x");
  await endOfTurn();
  assertEquals(gone.writes, []);
  assert(there.writes.length === 1);
});
