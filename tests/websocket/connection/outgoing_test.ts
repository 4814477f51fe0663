import {
  assertOutgoing,
  closeFrameOf,
  typeOf,
} from "../../../src/websocket/connection/outgoing.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../../helpers/assert.ts";

const kind = "message";

Deno.test("assertOutgoing() accepts every kind of message", () => {
  for (
    const message of [
      { kind, body: "" },
      { kind, type: 1, body: "text" },
      { kind, type: 1, body: new TextEncoder().encode("\ufefftext as bytes") },
      { kind, type: 2, body: new Uint8Array(3) },
      { kind, type: 2, body: new Uint8Array([0xff]) },
      { kind, type: 2, body: "text as bytes" },
      { kind, id: "ignored", body: "text" },
      { kind, type: 9, body: "x".repeat(125) },
      { kind, type: 10, body: new Uint8Array(125) },
      { kind, type: 8 },
      { kind, type: 8, code: 4000, reason: "done" },
    ]
  ) assertOutgoing(message);
});

Deno.test("assertOutgoing() refuses another shape and shows it", () => {
  for (
    const message of [
      undefined,
      null,
      "text",
      7,
      {},
      { body: "text" },
      { kind: "connect", body: "text" },
      { kind },
      { kind, body: 7 },
      { kind, body: null },
      { kind, body: [1, 2] },
      { kind, body: new ArrayBuffer(1) },
      { kind, type: 0, body: "text" },
      { kind, type: 3, body: "text" },
      { kind, type: "1", body: "text" },
      { kind, type: null, body: "text" },
      { kind, type: 8, code: "1000" },
      { kind, type: 8, reason: 7 },
    ]
  ) {
    const error = assertThrows(() => assertOutgoing(message), TypeError);
    assertStringIncludes(error.message, 'Cannot send to a connection: expected { kind: "message"');
    assertStringIncludes(
      error.message,
      `got ${Deno.inspect(message, { breakLength: Infinity }).slice(0, 8)}`,
    );
  }
});

Deno.test("assertOutgoing() refuses a text of bytes that are not UTF-8", () => {
  const message = { kind, type: 1, body: new Uint8Array([0x61, 0xff]) };
  const why = "Cannot send a text message: got 2 bytes that are not UTF-8";
  assertThrows(() => assertOutgoing(message), TypeError, why);
  assertOutgoing({ ...message, type: undefined });
});

Deno.test("typeOf() takes bytes that are no text for binary where no type is given", () => {
  const bytes = new Uint8Array([0x61, 0xff]);
  const cases = [
    [2, "a", 2],
    [undefined, "a", 1],
    [undefined, bytes.subarray(0, 1), 1],
    [undefined, bytes, 2],
  ] as const;
  for (const [type, body, expected] of cases) assertEquals(typeOf(type, body), expected);
});

Deno.test("assertOutgoing() shows a long message in one short line", () => {
  const message = { kind: "other", body: "x\n".repeat(10_000), deep: { deep: { deep: 1 } } };
  const error = assertThrows(() => assertOutgoing(message), TypeError);
  assertEquals([error.message.length < 400, error.message.includes("\n")], [true, false]);
});

Deno.test("assertOutgoing() refuses what RFC 6455 forbids, as a RangeError", () => {
  for (
    const [message, why] of [
      [{ kind, type: 8, code: 1005 }, "got code 1005"],
      [{ kind, type: 8, code: 99 }, "got code 99"],
      [{ kind, type: 8, code: NaN }, "got code NaN"],
      [{ kind, type: 8, reason: "x".repeat(124) }, "got a reason of 124 bytes"],
      [{ kind, type: 9, body: "x".repeat(126) }, "got 126 bytes, expected at most 125"],
      [{ kind, type: 10, body: "€".repeat(42) }, "got 126 bytes, expected at most 125"],
    ] as const
  ) assertThrows(() => assertOutgoing(message), RangeError, why);
});

Deno.test("closeFrameOf() fills in 1000 and no reason", () => {
  assertEquals(closeFrameOf({}), { code: 1000, reason: "" });
  assertEquals(closeFrameOf({ code: 4000, reason: "x" }), { code: 4000, reason: "x" });
});
