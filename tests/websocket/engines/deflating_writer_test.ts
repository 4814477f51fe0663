import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { inflateRawSync } from "node:zlib";
import { deflateFrame } from "../../../src/websocket/engines/deflation.ts";
import { DeflatingWriter } from "../../../src/websocket/engines/deflating_writer.ts";
import { concat, decodeFrame, OPCODE, readCloseBody } from "../../../src/testing/frames.ts";
import { assert, assertEquals, assertLess, assertStrictEquals } from "../../helpers/assert.ts";

const { text, binary, ping, close } = OPCODE;

/** A socket that keeps what is written to it. */
function createTcp() {
  const chunks: Uint8Array[] = [];
  const ended = Promise.withResolvers<void>();
  const tcp = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      chunks.push(new Uint8Array(chunk));
      done();
    },
    final(done) {
      ended.resolve();
      done();
    },
  });
  return { tcp, chunks, ended: ended.promise };
}

/** Opcode and text of each frame; whether it is compressed. */
function read(chunks: readonly Uint8Array[]): [number, boolean, string][] {
  const all: [number, boolean, string][] = [];
  for (let rest: Uint8Array = concat(chunks); rest.length > 0;) {
    const { frame: { opcode, rsv, payload }, size } = decodeFrame(rest)!;
    const whole = rsv === 4 ? inflate(payload) : Buffer.from(payload);
    all.push([opcode, rsv === 4, opcode === close ? readCloseBody(whole).reason : `${whole}`]);
    rest = rest.subarray(size);
  }
  return all;
}

function inflate(payload: Uint8Array): Buffer {
  return inflateRawSync(concat([payload, new Uint8Array([0, 0, 255, 255])]), { finishFlush: 2 });
}

Deno.test("DeflatingWriter keeps the order of small, deflated and large messages, to the end", async () => {
  const { tcp, chunks, ended } = createTcp();
  const writer = new DeflatingWriter(tcp, 15);
  const [medium, large, larger] = [2_000, 200_000, 300_000].map((size) => "json ".repeat(size / 5));
  const sent = ["small", medium!, large!, "after", medium!, larger!, large!, "last"];
  for (const body of sent) assertEquals(writer.write(text, body), body.length);
  assertEquals(writer.write(ping, "p"), 1);
  writer.writeClose(1001, "bye");
  writer.end();
  await ended;
  assertEquals(read(chunks), [
    ...sent.map((body): [number, boolean, string] => [text, body.length > 1_000, body]),
    [ping, false, "p"],
    [close, false, "bye"],
  ]);
  assertEquals(writer.heldBytes, 0);
});

Deno.test("DeflatingWriter counts what waits for a large message to be deflated", async () => {
  const { tcp, chunks, ended } = createTcp();
  const writer = new DeflatingWriter(tcp, 15);
  writer.write(binary, new Uint8Array(100_000));
  writer.write(text, "behind");
  assertEquals(writer.heldBytes, 100_006);
  writer.end();
  await ended;
  assertEquals(writer.heldBytes, 0);
  assertLess(concat(chunks).length, 1_000);
});

Deno.test("a message to many connections is deflated once, for each window", async () => {
  for (const size of [2_000, 200_000]) {
    const body = "to all ".repeat(size / 7);
    const first = deflateFrame(text, body, 15);
    assertStrictEquals(deflateFrame(text, body, 15), first);
    assert(deflateFrame(text, body, 10) !== first);
    assertEquals(read([await first]), [[text, true, body]]);
  }
  const body = new Uint8Array(2_000);
  const before = await deflateFrame(binary, body, 15);
  await new Promise((resolve) => setTimeout(resolve, 0));
  body.fill(1);
  const after = await deflateFrame(binary, body, 15);
  assertEquals(read([after])[0]![2], "\x01".repeat(2_000));
  assert(Buffer.compare(before, after) !== 0);
});

Deno.test("DeflatingWriter deflates for the smallest window too", async () => {
  for (const bits of [8, 9, 15]) {
    const body = "window ".repeat(1_000);
    assertEquals(read([await deflateFrame(text, body, bits)]), [[text, true, body]]);
  }
});
