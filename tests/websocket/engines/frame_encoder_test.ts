import { encodeFrame, payloadLength } from "../../../src/websocket/engines/frame_encoder.ts";
import type { MessageType } from "../../../src/websocket/messages.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { decodeFrame, encodeFrame as encodeExpected, OPCODE } from "../../../src/testing/frames.ts";

const { text, binary, ping, pong } = OPCODE;

function readBack(type: MessageType, body: string | Uint8Array) {
  const bytes = new Uint8Array(encodeFrame(type, body));
  const decoded = decodeFrame(bytes);
  assertEquals(decoded?.size, bytes.length);
  return decoded?.frame;
}

Deno.test("encodeFrame() writes each form of length in its shortest form", () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
    const payload = new Uint8Array(length).fill(7);
    const expected = { fin: true, rsv: 0, masked: false, opcode: binary, payload };
    assertEquals(readBack(binary, payload), expected, `${length} bytes`);
    const plain = encodeExpected({ opcode: binary, mask: false, payload });
    assertEquals(new Uint8Array(encodeFrame(binary, payload)), plain, `${length} bytes`);
    const asText = encodeExpected({ opcode: text, mask: false, payload: "x".repeat(length) });
    assertEquals(new Uint8Array(encodeFrame(text, "x".repeat(length))), asText);
  }
});

Deno.test("encodeFrame() writes text as UTF-8 and counts its bytes", () => {
  for (const message of ["", "grüße 🦕", "€".repeat(42), "\ufeff", "é".repeat(40_000)]) {
    const payload = new TextEncoder().encode(message);
    assertEquals(readBack(text, message)?.payload, payload);
  }
  // Half of a pair cannot be written.
  assertEquals(readBack(text, "\ud800")?.payload, new TextEncoder().encode("\ufffd"));
});

Deno.test("encodeFrame() writes the type, and only the part of a buffer that a view shows", () => {
  for (const opcode of [text, binary, ping, pong]) {
    assertEquals(readBack(opcode, new Uint8Array([1]))?.opcode, opcode);
  }
  const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
  assertEquals(readBack(binary, view)?.payload, new Uint8Array([2, 3]));
});

Deno.test("payloadLength() tells the body of a frame from its header", () => {
  for (const length of [0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_540, 100_000]) {
    assertEquals(payloadLength(encodeFrame(2, new Uint8Array(length)).length), length);
  }
});
