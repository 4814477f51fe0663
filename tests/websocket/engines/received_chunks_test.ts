import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { OwnedWebSocket } from "../../../src/websocket/engines/ws.ts";
import {
  joinChunks,
  joinLast,
  LOOSE_CHUNKS,
  type Receiving,
} from "../../../src/websocket/engines/received_chunks.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";

/** Takes in so many chunks and counts the bytes that were copied. */
function collect(sizes: Iterable<number>) {
  const chunks: Buffer[] = [];
  let copied = 0;
  let most = 0;
  let next = 0;
  for (const size of sizes) {
    const last = chunks.at(-1);
    joinLast(chunks);
    if (chunks.at(-1) !== last) copied += chunks.at(-1)!.length;
    chunks.push(Buffer.from(Uint8Array.from({ length: size }, () => next++ % 251)));
    most = Math.max(most, chunks.length);
  }
  const whole = Buffer.concat(chunks);
  assert(whole.every((byte, index) => byte === index % 251), "bytes are lost or out of order");
  return { copied, most, bytes: whole.length };
}

Deno.test("joinLast() leaves few chunks and copies each byte a few times, however many come", () => {
  const sequences: [string, number[]][] = [
    ["bytes", Array(20_000).fill(1)],
    ["packets", Array(5_000).fill(50)],
    ["growing", Array.from({ length: 400 }, (_, index) => index + 1)],
    ["one large, many small", [100_000, ...Array(10_000).fill(1)]],
    ["many small, one large", [...Array(10_000).fill(1), 100_000]],
    ["by turns", Array.from({ length: 10_000 }, (_, index) => index % 2 === 0 ? 1 : 7)],
  ];
  for (const [what, sizes] of sequences) {
    const { copied, most, bytes } = collect(sizes);
    const doublings = Math.ceil(Math.log2(bytes)) + 1;
    assert(most <= LOOSE_CHUNKS + 2 * doublings, `${what}: ${most} chunks`);
    assert(copied <= bytes * doublings, `${what}: ${copied} of ${bytes} bytes`);
  }
});

Deno.test("joinLast() leaves alone what comes in few pieces", () => {
  const chunks = Array.from({ length: LOOSE_CHUNKS }, () => Buffer.from("a"));
  const before = [...chunks];
  joinLast(chunks);
  assertEquals(chunks.every((chunk, index) => chunk === before[index]), true);
  assertEquals(chunks.length, LOOSE_CHUNKS);
});

Deno.test("joinChunks() passes on what is written, and its end", () => {
  const done: unknown[] = [];
  const receiver: Receiving = {
    _buffers: [],
    _write(chunk, encoding, callback) {
      this._buffers.push(chunk);
      done.push(encoding);
      callback(null);
    },
  };
  joinChunks(receiver);
  for (let i = 0; i < 1_000; i++) {
    receiver._write(Buffer.from([i % 251]), "buffer", (error) => done.push(error));
  }
  assertEquals(done, Array(1_000).fill(["buffer", null]).flat());
  assertEquals(
    new Uint8Array(Buffer.concat(receiver._buffers)),
    Uint8Array.from({ length: 1_000 }, (_, index) => index % 251),
  );
  assert(receiver._buffers.length < LOOSE_CHUNKS + 20);
});

Deno.test("a message of ws that comes byte by byte waits in few chunks, and arrives whole", () => {
  const webSocket = new OwnedWebSocket(null as unknown as string, undefined, {});
  const tcp = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  webSocket.setSocket(tcp, new Uint8Array(0), { maxPayload: 0 });
  const arrived: Buffer[] = [];
  webSocket.on("message", (data: Buffer) => void arrived.push(data));
  const { _receiver: receiver } = webSocket as unknown as {
    readonly _receiver: Receiving & { write(chunk: Uint8Array): boolean };
  };
  const payload = Uint8Array.from({ length: 20_000 }, (_, index) => index % 251);
  // A binary message with a length of 16 bits, masked with zeros.
  const { length } = payload;
  receiver.write(new Uint8Array([0x82, 0x80 | 126, length >> 8, length & 255, 0, 0, 0, 0]));
  let most = 0;
  for (const byte of payload) {
    receiver.write(new Uint8Array([byte]));
    most = Math.max(most, receiver._buffers.length);
  }
  assertEquals(arrived.map((data) => new Uint8Array(data)), [payload]);
  assert(most < LOOSE_CHUNKS + 20, `${most} chunks`);
  tcp.destroy();
});
