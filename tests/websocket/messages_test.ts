import {
  isConnect,
  isDataMessage,
  isDisconnect,
  isMessage,
  MESSAGE_TYPE,
} from "../../src/websocket/mod.ts";
import { assertEquals } from "../helpers/assert.ts";

Deno.test("isConnect(), isMessage() and isDisconnect() tell messages by their kind", () => {
  const guards = [isConnect, isMessage, isDisconnect];
  const told = (message: unknown) => guards.map((guard) => guard(message));
  assertEquals(told({ kind: "connect" }), [true, false, false]);
  assertEquals(told({ kind: "message" }), [false, true, false]);
  assertEquals(told({ kind: "disconnect" }), [false, false, true]);
  for (const other of [undefined, null, "connect", 7, [], {}, { kind: "down" }, () => {}]) {
    assertEquals(told(other), [false, false, false]);
  }
});

Deno.test("isDataMessage() tells text and bytes from pings and pongs", () => {
  const types = Object.values(MESSAGE_TYPE);
  const told = types.filter((type) => isDataMessage({ kind: "message", type, body: "" }));
  assertEquals(told, [MESSAGE_TYPE.text, MESSAGE_TYPE.binary]);
  for (const other of [undefined, null, 1, { type: 1 }, { kind: "connect", type: 1 }]) {
    assertEquals(isDataMessage(other), false);
  }
});

Deno.test("MESSAGE_TYPE has the opcodes of RFC 6455", () => {
  assertEquals({ ...MESSAGE_TYPE }, { text: 1, binary: 2, close: 8, ping: 9, pong: 10 });
});
