import fc from "fast-check";
import { assertEquals } from "../../helpers/assert.ts";
import {
  clientFrame,
  FrameSource,
  OPCODES,
  textFrame,
} from "../../../scripts/bench/generator/frames.ts";
import {
  CENTRIFUGO,
  PLAIN,
  type Protocol,
  SOCKET_IO,
} from "../../../scripts/bench/generator/protocols.ts";
import { FrameScanner, readHead } from "../../../scripts/bench/generator/scanner.ts";

/** A frame as a server sends it: without mask. */
function serverFrame(text: string, opcode: number = OPCODES.text, first = 0x80): number[] {
  const payload = [...new TextEncoder().encode(text)];
  const { length } = payload;
  const size = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 0xff]
    : [127, 0, 0, 0, 0, 0, length >> 16, length >> 8 & 0xff, length & 0xff];
  return [first | opcode, ...size, ...payload];
}

/** Scans bytes cut after every `size` of them; of the messages and pings that were found. */
function scan(protocol: Protocol, bytes: readonly number[], size = bytes.length): [number, number] {
  const scanner = new FrameScanner(protocol.classify);
  let messages = 0;
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = new Uint8Array(bytes.slice(at, at + size));
    messages += scanner.scan(chunk, chunk.length);
  }
  return [messages, scanner.pings];
}

const SIZES = [0, 1, 125, 126, 300, 65_535, 65_536, 70_000];

Deno.test("FrameScanner counts messages of all lengths, in any split", () => {
  const bytes = SIZES.flatMap((size) => serverFrame("x".repeat(size)));
  for (const size of [1, 2, 3, 7, 4096, bytes.length]) {
    assertEquals(scan(PLAIN, bytes, size), [SIZES.length, 0], `${size} bytes at once`);
  }
});

Deno.test("FrameScanner counts random frames whatever the splits", () => {
  const lengths = fc.array(fc.oneof(fc.nat(130), fc.nat(1_000)), { maxLength: 20 });
  fc.assert(fc.property(lengths, fc.integer({ min: 1, max: 64 }), (all, size) => {
    const bytes = all.flatMap((length) => serverFrame("y".repeat(length)));
    assertEquals(scan(PLAIN, bytes, size), [all.length, 0]);
  }));
});

Deno.test("FrameScanner tells pings and fragments from messages", () => {
  const bytes = [
    ...serverFrame("he", OPCODES.text, 0),
    ...serverFrame("", OPCODES.ping),
    ...serverFrame("llo", 0),
    ...serverFrame("x", OPCODES.pong),
  ];
  assertEquals(scan(PLAIN, bytes), [1, 1]);
});

Deno.test("FrameScanner with SOCKET_IO takes a packet of one byte as a ping", () => {
  const bytes = [...serverFrame("2"), ...serverFrame('42["message","x"]')];
  for (const size of [1, bytes.length]) assertEquals(scan(SOCKET_IO, bytes, size), [1, 1]);
});

Deno.test("FrameScanner with CENTRIFUGO counts pushes of all lines, in any split", () => {
  const push = '{"push":{"channel":"room0","pub":{"data":"xx"}}}';
  const lines = [`{"id":3,"publish":{}}\n${push}\n${push}`, "{}", push, '{"id":4,"publish":{}}'];
  const bytes = lines.flatMap((text) => serverFrame(text));
  for (let size = 1; size <= bytes.length; size++) {
    assertEquals(scan(CENTRIFUGO, bytes, size), [3, 1], `${size} bytes at once`);
  }
});

Deno.test("clientFrame() makes a masked frame whose head tells its length", () => {
  for (const size of SIZES) {
    const payload = new Uint8Array(size).fill(0x61);
    const frame = clientFrame(payload, { isCompressed: size === 300 });
    const head = readHead(frame, 0);
    assertEquals(head, { opcode: 1, isFinal: true, isCompressed: size === 300, length: size });
    assertEquals((frame[1]! & 0x80) !== 0, true, "masked");
    const key = frame.length - size - 4;
    const unmasked = frame.slice(key + 4).map((byte, i) => byte ^ frame[key + (i & 3)]!);
    assertEquals(unmasked, payload);
  }
});

Deno.test("FrameSource gives one frame again and again, and several by turns", () => {
  const [a, b] = [textFrame("a"), textFrame("bb")];
  assertEquals([...new FrameSource([a], 2).take(2)], [...a, ...a]);
  assertEquals([...new FrameSource([a], 2).take(3)], [...a, ...a, ...a], "more than are ready");
  const turns = new FrameSource([a, b], 1, 1);
  assertEquals([turns.take(1), turns.take(1)], [b, a]);
  assertEquals([...turns.take(3)], [...b, ...a, ...b]);
  assertEquals(turns.frameBytes, b.length);
});
