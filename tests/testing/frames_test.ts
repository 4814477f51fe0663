import { assertEquals } from "../helpers/assert.ts";
import {
  closeBody,
  decodeFrame,
  encodeFrame,
  OPCODE,
  readCloseBody,
  splitAt,
} from "../../src/testing/frames.ts";

function hex(bytes: Uint8Array): string {
  return bytes.toHex();
}

Deno.test("encodeFrame() writes the examples of RFC 6455 section 5.7", () => {
  const { text, continuation, ping, binary } = OPCODE;
  assertEquals(hex(encodeFrame({ opcode: text, payload: "Hello", mask: false })), "810548656c6c6f");
  assertEquals(hex(encodeFrame({ opcode: text, payload: "Hello" })), "818537fa213d7f9f4d5158");
  const first = encodeFrame({ opcode: text, fin: false, payload: "Hel", mask: false });
  assertEquals(hex(first), "010348656c");
  assertEquals(hex(encodeFrame({ opcode: continuation, payload: "lo", mask: false })), "80026c6f");
  assertEquals(hex(encodeFrame({ opcode: ping, payload: "Hello", mask: false })), "890548656c6c6f");
  const medium = encodeFrame({ opcode: binary, payload: new Uint8Array(256), mask: false });
  assertEquals(hex(medium.subarray(0, 4)), "827e0100");
  const large = encodeFrame({ opcode: binary, payload: new Uint8Array(65_536), mask: false });
  assertEquals(hex(large.subarray(0, 10)), "827f0000000000010000");
});

Deno.test("encodeFrame() declares what it is told when length, form and bits are forged", () => {
  const long = encodeFrame({ opcode: 11, rsv: 5, mask: false, lengthForm: 64, length: 2n ** 63n });
  assertEquals(hex(long), "db7f8000000000000000");
  const padded = encodeFrame({ opcode: 1, payload: "a", mask: false, lengthForm: 16 });
  assertEquals(hex(padded), "817e000161");
});

Deno.test("decodeFrame() reads back what encodeFrame() wrote in every length form", () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536]) {
    for (const mask of [undefined, false] as const) {
      const payload = new Uint8Array(length).map((_, index) => index);
      const bytes = encodeFrame({ opcode: 2, fin: false, rsv: 2, payload, mask });
      assertEquals(decodeFrame(bytes), {
        frame: { fin: false, rsv: 2, opcode: 2, masked: mask === undefined, payload },
        size: bytes.length,
      });
    }
  }
});

Deno.test("decodeFrame() returns undefined while the frame is incomplete", () => {
  const bytes = encodeFrame({ opcode: 1, payload: "x".repeat(200) });
  for (let end = 0; end < bytes.length; end++) {
    assertEquals(decodeFrame(bytes.subarray(0, end)), undefined);
  }
});

Deno.test("readCloseBody() reads code and reason and 1005 when there is no code", () => {
  assertEquals(hex(closeBody(1000)), "03e8");
  assertEquals(readCloseBody(closeBody(4002, "slow")), { code: 4002, reason: "slow" });
  assertEquals(readCloseBody(closeBody()), { code: 1005, reason: "" });
});

Deno.test("splitAt() cuts at the offsets and loses nothing", () => {
  const pieces = splitAt(new Uint8Array([1, 2, 3, 4]), [1, 3]);
  assertEquals(pieces.map((piece) => [...piece]), [[1], [2, 3], [4]]);
});
