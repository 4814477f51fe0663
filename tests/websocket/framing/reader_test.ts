import { Buffer } from "node:buffer";
import { type FrameLimits, mostFragments } from "../../../src/websocket/framing/header.ts";
import { step } from "../../../src/websocket/framing/reader.ts";
import { ReaderState } from "../../../src/websocket/framing/reader_state.ts";
import type { Frame } from "../../../src/websocket/socket.ts";
import { assert, assertEquals, assertLess } from "../../helpers/assert.ts";
import { closeBody, encodeFrame, encodeFrames, OPCODE } from "../../../src/testing/frames.ts";
import { readOwn } from "./both_readers.ts";

const { continuation, text, binary, close, ping } = OPCODE;
const MIB = 1_048_576;

function start(limits: Partial<FrameLimits> = {}): ReaderState {
  return new ReaderState({ maxMessageBytes: 65_536, compression: false, ...limits });
}

/** Reads one chunk and fails if a rule is broken. */
function read(state: ReaderState, chunk: Uint8Array) {
  const { arrived, violation } = step(state, Buffer.from(chunk));
  assertEquals(violation, undefined);
  return arrived;
}

Deno.test("step() puts 64 Ki fragments of 4 MiB together at a limit of 16 MiB", () => {
  const count = 65_536;
  for (const opcode of [text, binary]) {
    const state = start({ maxMessageBytes: 16 * MIB });
    const payload = new Uint8Array(64).fill(0x2a);
    const [first, middle, last] = [
      encodeFrame({ opcode, fin: false, payload }),
      encodeFrame({ opcode: continuation, fin: false, payload }),
      encodeFrame({ opcode: continuation, payload }),
    ];
    assertEquals(read(state, first), []);
    for (let i = 2; i < count; i++) assertEquals(read(state, middle).length, 0);
    const [message] = read(state, last) as [Frame];
    assertEquals([message.type, message.bytes, message.body.length], [
      opcode,
      4 * MIB,
      4 * MIB,
    ]);
    assert(typeof message.body === "string" || message.body.every((byte) => byte === 0x2a));
  }
});

Deno.test("step() ends a flood of empty fragments, and one of single bytes", () => {
  const empty = { opcode: continuation, fin: false };
  for (const maxMessageBytes of [65_536, 16 * MIB]) {
    const begin = { opcode: text, fin: false };
    const flood = encodeFrames([begin, ...Array(4_096).fill(empty)]);
    assertEquals(readOwn([flood], { maxMessageBytes }).violation, 1008);
    assertEquals(readOwn([flood.subarray(0, -6)], { maxMessageBytes }).violation, undefined);
  }
  const single = { ...empty, payload: "x" };
  const most = mostFragments(MIB);
  const flood = encodeFrames([{ ...single, opcode: text }, ...Array(most).fill(single)]);
  assertEquals(readOwn([flood], { maxMessageBytes: MIB }).violation, 1008);
  assertEquals(readOwn([flood.subarray(0, -7)], { maxMessageBytes: MIB }).violation, undefined);
});

Deno.test("step() refuses a length before a byte of the payload or of the mask has come", () => {
  for (const length of [65_537, 2 ** 40, 2n ** 62n, 2n ** 64n - 1n]) {
    const head = encodeFrame({ opcode: binary, length }).subarray(0, 10);
    assertEquals(readOwn([head], {}).violation, length === 65_537 ? undefined : 1009);
    assertEquals(readOwn([head], { maxMessageBytes: 65_536 }).violation, 1009);
  }
});

Deno.test("step() takes no memory for what is only announced", () => {
  const state = start({ maxMessageBytes: 16 * MIB });
  const frame = encodeFrame({ opcode: binary, payload: new Uint8Array(8 * MIB) });
  read(state, frame.subarray(0, 100));
  assertLess(state.body!.capacity, 1_000);
  read(state, frame.subarray(100, 50_000));
  assertLess(state.body!.capacity, 100_001);
});

Deno.test("step() fails text at the first byte that cannot stand where it is", () => {
  const bad = [
    [0xc0],
    [0xe0, 0x80],
    [0xed, 0xa0],
    [0xf0, 0x80],
    [0xf4, 0x90],
    [0xf5],
    [0xe2, 0x82, 0x20],
    [0x80],
  ];
  for (const bytes of bad) {
    for (const before of ["", "κόσμε", "x".repeat(300)]) {
      const lead = new TextEncoder().encode(before);
      const payload = new Uint8Array([...lead, ...bytes, ...new Uint8Array(50)]);
      const frame = encodeFrame({ opcode: text, payload });
      // To before the byte, and the byte.
      const end = frame.length - 50;
      const state = start();
      read(state, frame.subarray(0, end - 1));
      const { violation } = step(state, frame.slice(end - 1, end));
      assertEquals(violation?.code, 1007, `${bytes} after ${lead.length} bytes`);
      const fragment = encodeFrame({ opcode: text, fin: false, payload: payload.subarray(0, -50) });
      assertEquals(readOwn([fragment], {}).violation, 1007);
    }
  }
});

Deno.test("step() lets no small message keep a large chunk alive", () => {
  const small = { opcode: binary, payload: new Uint8Array(10) };
  const control = { opcode: ping, payload: new Uint8Array(10) };
  const large = { opcode: binary, payload: new Uint8Array(40_000) };
  const chunk = Buffer.from(encodeFrames([small, control, large, small]));
  const { arrived } = step(start(), chunk);
  const kept = (arrived as Frame[]).map(({ body }) => (body as Uint8Array).buffer.byteLength);
  assertEquals(kept, [10, 10, chunk.buffer.byteLength, 10]);
  const split = start();
  read(split, encodeFrame(small).subarray(0, 12));
  const [{ body }] = read(split, encodeFrame(small).subarray(12)) as [Frame];
  assertEquals((body as Uint8Array).buffer.byteLength, 10);
});

Deno.test("step() reads nothing after a close frame or a violation", () => {
  const message = { opcode: text, payload: "late" };
  const state = start();
  const arrived = read(state, encodeFrames([{ opcode: close, payload: closeBody(1000) }, message]));
  assertEquals(arrived, [{ type: 8, code: 1000, reason: "" }]);
  assertEquals(read(state, encodeFrame(message)), []);
  const broken = start();
  assertEquals(step(broken, encodeFrames([{ opcode: 3 }, message])).violation?.code, 1002);
  assertEquals(read(broken, encodeFrame(message)), []);
});

Deno.test("step() passes on fragments that are compressed, as they are", () => {
  const state = start({ compression: true });
  const payload = new Uint8Array([1, 2, 3]);
  const chunk = encodeFrames([
    { opcode: text, rsv: 4, fin: false, payload },
    { opcode: ping, payload },
    { opcode: continuation, payload },
    { opcode: text, payload: "plain" },
  ]);
  const expected = [
    { type: "deflated", isText: true, payload, isFinal: false },
    { type: 9, body: payload, bytes: 3 },
    { type: "deflated", isText: true, payload, isFinal: true },
    { type: 1, body: "plain", bytes: 5 },
  ];
  const plain = (arrived: readonly object[]) =>
    arrived.map((each) =>
      "payload" in each ? { ...each, payload: new Uint8Array(each.payload as Uint8Array) } : each
    );
  assertEquals(plain(read(state, chunk)), expected);
  const single = Array.from(chunk, (byte) => read(state, new Uint8Array([byte]))).flat();
  assertEquals(plain(single), expected);
});
