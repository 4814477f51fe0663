// The constants and variables of seed 003, in its order.

import { parseConfig } from "../../src/config/mod.ts";
import {
  ALL,
  AlreadyDisconnectedError,
  BROADCAST,
  DEFAULT_ID_GENERATOR,
  EVENT_DEFAULTS,
  EventCodec,
  EventMessageError,
} from "../../src/events/mod.ts";
import { MESSAGE_TYPE } from "../../src/websocket/mod.ts";
import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "../helpers/assert.ts";
import { createStage, REQUEST } from "./stage.ts";

/** An endpoint of which nothing but its process is said. */
const endpoint = parseConfig({
  processes: { chat: { behavior: "chat" } },
  endpoints: { "/chat": { pool: ["chat"] } },
}).endpoints["/chat"]!;

Deno.test("writeTimeout is 10 s by default, not unlimited (DefaultWebsocketWriteTimeout)", () => {
  assertEquals(endpoint.writeTimeoutMs, 10_000);
});

Deno.test("readTimeout is off by default (DefaultWebsocketReadTimeout)", () => {
  assertEquals(endpoint.readTimeoutMs, 0);
});

Deno.test("pongTimeout is 60 s by default (DefaultWebsocketPongTimeout)", () => {
  assertEquals(endpoint.pongTimeoutMs, 60_000);
});

Deno.test("pingPeriod is 9/10 of pongTimeout by default (DefaultWebsocketPingPeriod)", () => {
  assertEquals(endpoint.pingPeriodMs, endpoint.pongTimeoutMs * 9 / 10);
});

Deno.test("maxMessageSize is 64 KiB by default, not 1024 (DefaultWebsocketMaxMessageSize)", () => {
  assertEquals(endpoint.maxMessageBytes, 65_536);
});

Deno.test("readBufferSize is 4096 by default (DefaultWebsocketReadBufferSize)", () => {
  assertEquals(endpoint.readBufferBytes, 4096);
});

Deno.test("writeBufferSize is 4096 by default (DefaultWebsocketWriterBufferSize)", () => {
  assertEquals(endpoint.writeBufferBytes, 4096);
});

Deno.test("EVENT_DEFAULTS.eventPrefix is m: and that of endpoints (DefaultEvtMessageKey)", () => {
  assertEquals([EVENT_DEFAULTS.eventPrefix, endpoint.eventPrefix], ["m:", "m:"]);
});

Deno.test("ALL is the empty text and means everybody (All)", async () => {
  assertEquals(ALL, "");
  await using stage = createStage();
  const [a, b] = [await stage.connect(), await stage.connect()];
  assertEquals(a.connection.to(ALL).emit("x", 1), 2);
  await b.drop();
  assertEquals([a.bodies(), b.bodies()], [["m:x;1;1"], ["m:x;1;1"]]);
});

Deno.test("BROADCAST has the seed's text and means everybody else (Broadcast)", async () => {
  assertEquals(BROADCAST, ";to;all;except;me;");
  await using stage = createStage();
  const [a, b] = [await stage.connect(), await stage.connect()];
  assertEquals(a.connection.to(BROADCAST).emit("x", 1), 1);
  await b.drop();
  assertEquals([a.bodies(), b.bodies()], [[], ["m:x;1;1"]]);
});

Deno.test("MESSAGE_TYPE.close is the opcode of a close (CloseMessage)", () => {
  assertEquals(MESSAGE_TYPE.close, 8);
});

Deno.test("writeTimeout is what bounds control frames too (WriteWait)", () => {
  const { writeTimeoutMs } = endpoint;
  assertEquals(writeTimeoutMs > 0, true);
});

Deno.test("EventMessageError has the code invalid_type (ErrInvalidTypeMessage)", () => {
  const codec = new EventCodec({ eventPrefix: "m:", binaryMessages: false });
  const error = assertThrows(() => codec.decode("m:x;9;y"), EventMessageError, "invalid type");
  assertEquals(error.code, "invalid_type");
});

Deno.test("EventMessageError has the code invalid_message (ErrInvalidWebsocketMessage)", () => {
  const codec = new EventCodec({ eventPrefix: "m:", binaryMessages: false });
  const error = assertThrows(() => codec.decode("m:x"), EventMessageError, "invalid message");
  assertEquals(error.code, "invalid_message");
});

Deno.test("DEFAULT_ID_GENERATOR makes another UUID each time (DefaultIDGenerator)", async () => {
  const ids = [DEFAULT_ID_GENERATOR(REQUEST), DEFAULT_ID_GENERATOR(REQUEST)];
  assertMatch(ids[0]!, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assertNotEquals(ids[0], ids[1]);
  await using stage = createStage({ idGenerator: undefined });
  assertMatch((await stage.connect()).connection.id, /^[0-9a-f-]{36}$/);
});

Deno.test("AlreadyDisconnectedError is what a second disconnect throws (ErrAlreadyDisconnected)", async () => {
  await using stage = createStage();
  const { connection } = await stage.connect();
  connection.disconnect();
  const error = assertThrows(() => connection.disconnect(), AlreadyDisconnectedError);
  assertEquals([error.code, error.id], ["already_disconnected", "a"]);
  assertMatch(error.message, /^Cannot disconnect "a": already disconnected$/);
});
