import { isKeepalivePong, KEEPALIVE } from "../../../src/websocket/connection/keepalive.ts";
import { assert, assertEquals } from "../../helpers/assert.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

Deno.test("KEEPALIVE fits into a control frame and is not empty", () => {
  const { length } = utf8(KEEPALIVE);
  assert(length > 0 && length <= 125);
});

Deno.test("isKeepalivePong() knows the answer to a keep-alive ping alone", () => {
  assertEquals(isKeepalivePong({ type: 10, body: utf8(KEEPALIVE) }), true);
  for (const text of ["", "x", KEEPALIVE.slice(1), KEEPALIVE.slice(0, -1), `${KEEPALIVE}x`]) {
    assertEquals(isKeepalivePong({ type: 10, body: utf8(text) }), false, JSON.stringify(text));
  }
  for (const type of [1, 2, 9] as const) {
    assertEquals(isKeepalivePong({ type, body: utf8(KEEPALIVE) }), false);
  }
});
