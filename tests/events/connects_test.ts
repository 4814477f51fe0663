import type { ConnectMessage } from "../../src/websocket/mod.ts";
import { readConnect } from "../../src/events/connects.ts";
import { assertEquals, assertThrows } from "../helpers/assert.ts";
import { captureLogs } from "../websocket/logs.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import { createStage, REQUEST } from "./stage.ts";

const ALIAS = "Alias#<a@localhost/abc/1>";
const CONNECT = { kind: "connect", id: ALIAS, ...REQUEST };

/** What was refused, and what the refusal says of it. */
const MALFORMED: readonly (readonly [message: object, why: string])[] = [
  [{ kind: "connect" }, "its id is undefined, expected an alias"],
  [{ ...CONNECT, id: 5 }, "its id is 5, expected an alias"],
  [{ ...CONNECT, id: "chat" }, 'its id is "chat", expected an alias'],
  [{ ...CONNECT, url: undefined }, "its url is undefined, expected a text"],
  [{ ...CONNECT, headers: null }, "its headers is null, expected an object"],
  [{ ...CONNECT, attributes: null }, "its attributes is null, expected an object or none"],
  [{ ...CONNECT, attributes: "x" }, 'its attributes is "x", expected an object or none'],
];

Deno.test("readConnect() gives the request as it came, without the token of an upgrade", () => {
  const read = (attributes?: Record<string, unknown>) => {
    const { alias: _, ...rest } = readConnect(
      { ...CONNECT, ...(attributes === undefined ? {} : { attributes }) } as ConnectMessage,
    );
    return rest;
  };
  assertEquals(read(), { token: undefined, request: REQUEST });
  assertEquals(read({ upgradeToken: "t" }), { token: "t", request: REQUEST });
  assertEquals(read({ upgradeToken: "t", user: 1 }), {
    token: "t",
    request: { ...REQUEST, attributes: { user: 1 } },
  });
  assertEquals(read({}), { token: undefined, request: { ...REQUEST, attributes: {} } });
});

for (const [message, why] of MALFORMED) {
  Deno.test(`readConnect() refuses one because ${why}`, () => {
    assertThrows(
      () => readConnect(message as ConnectMessage),
      TypeError,
      `Cannot take a connection: ${why}`,
    );
  });
}

Deno.test("the process of an event server logs a malformed connect and goes on", async () => {
  await using logs = captureLogs();
  await using stage = createStage();
  await stage.connect();
  for (const [message] of [...MALFORMED, [{ kind: "connect", attributes: null }]]) {
    stage.node.send(stage.pid, message);
  }
  await settle();
  assertEquals(stage.server.getTotalConnections(), 1);
  assertEquals((await logs.lines("warning")).length, MALFORMED.length + 1);
});
