import { assertCloseFrame, closeFrameOfExit } from "../../src/websocket/close_codes.ts";
import { CLOSE_CODES, isSendableCloseCode } from "../../src/websocket/mod.ts";
import { assert, assertEquals, assertThrows } from "../helpers/assert.ts";

Deno.test("isSendableCloseCode() accepts what RFC 6455 lets a close frame carry", () => {
  const sendable = [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4000, 4999];
  for (const code of sendable) assertEquals(isSendableCloseCode(code), true, String(code));
  const others = [-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, NaN, Infinity];
  for (const code of others) assertEquals(isSendableCloseCode(code), false, String(code));
});

Deno.test("CLOSE_CODES has each code once; all but two of them may be sent", () => {
  const rows = Object.values(CLOSE_CODES);
  assertEquals(new Set(rows.map(({ code }) => code)).size, rows.length);
  const reported = rows.filter(({ code }) => !isSendableCloseCode(code)).map(({ code }) => code);
  assertEquals(reported, [1005, 1006]);
});

Deno.test("CLOSE_CODES lets clients come back below 4500 and not from there on", () => {
  const own = Object.values(CLOSE_CODES).filter(({ code }) => code >= 4000);
  assert(own.length > 10);
  for (const { code, reconnect } of own) assertEquals(reconnect, code < 4500, String(code));
  assertEquals(CLOSE_CODES.goingAway.reconnect, true);
  assertEquals(CLOSE_CODES.policyViolation.reconnect, false);
});

Deno.test("assertCloseFrame() names the code and what was expected", () => {
  const error = assertThrows(() => assertCloseFrame(1005, ""), RangeError);
  assertEquals(
    error.message,
    "Cannot close a connection: got code 1005, expected 1000 to 1003, 1007 to 1014, or 3000 to 4999",
  );
});

Deno.test("assertCloseFrame() counts the bytes of a reason, not its characters", () => {
  assertCloseFrame(1000, "x".repeat(123));
  assertThrows(() => assertCloseFrame(1000, "x".repeat(124)), RangeError, "a reason of 124 bytes");
  assertCloseFrame(1000, "€".repeat(41));
  assertThrows(() => assertCloseFrame(1000, "€".repeat(42)), RangeError, "expected at most 123");
});

Deno.test("closeFrameOfExit() is 1001 for an orderly stop and 1011 for any other", () => {
  assertEquals(closeFrameOfExit("shutdown"), { code: 1001, reason: "going away" });
  for (const reason of ["panic", "killed", "enough"]) {
    assertEquals(closeFrameOfExit(reason), { code: 1011, reason: "" });
  }
});
