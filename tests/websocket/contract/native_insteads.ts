/**
 * What engine `native` does instead of what it cannot.
 *
 * @module
 */

import { assertEquals, assertRejects } from "../../helpers/assert.ts";
import { closeBody, OPCODE } from "../../../src/testing/frames.ts";
import { RawClient } from "../../../src/testing/raw_client.ts";
import type { EngineUnderTest } from "../engine_contract.ts";
import { assertViolations, NOT_UTF8, UNFINISHED, VIOLATIONS } from "./frame_cases.ts";
import { assertForgotten } from "./handshake_cases.ts";
import { fragments } from "./limit_cases.ts";
import { flood, readChunks, stall } from "./pace_cases.ts";
import { withHeaders } from "./refusal_cases.ts";
import { readAll } from "./socket_cases.ts";

const { continuation, text, close, ping, pong } = OPCODE;

async function assertStaysOpen(engine: EngineUnderTest): Promise<void> {
  await using ends = await engine.connect({ timeoutMs: 100 });
  const { socket, client } = ends;
  socket.close(1001, "");
  assertEquals((await client.readClose()).code, 1001);
  socket.terminate();
  await readAll(socket);
  await assertRejects(client.readEnd(), Error, "nothing for 100 ms");
}

async function assertRefuses1014(engine: EngineUnderTest): Promise<void> {
  await using ends = await engine.connect();
  await ends.client.send({ opcode: close, payload: closeBody(1014, "behind") });
  assertEquals((await ends.client.readClose()).code, 1002);
}

async function assertCutsOff(engine: EngineUnderTest): Promise<void> {
  await using served = await engine.serve();
  await using client = await served.open();
  await client.send(...UNFINISHED);
  assertEquals((await served.parent.take("message")).body, "cut");
}

async function assertKeepsQueue(engine: EngineUnderTest): Promise<void> {
  await using served = await engine.serve({ sendQueueBytes: 8_388_608, closeTimeoutMs: 50 });
  const { client, sent } = await stall(served);
  assertEquals((await served.parent.take("disconnect")).code, 4002);
  const { numbers, code } = await readChunks(client);
  client.close();
  assertEquals([numbers.length, code], [sent, 4002]);
}

async function assertBoundsLate(engine: EngineUnderTest): Promise<void> {
  await using served = await engine.serve({ maxMessageBytes: 1_000 });
  await using client = await served.open();
  await client.send(
    { opcode: text, fin: false, payload: "x".repeat(2_000) },
    { opcode: ping },
  );
  assertEquals((await client.readFrame())?.opcode, pong);
  await client.send({ opcode: continuation });
  assertEquals((await client.readClose()).code, 1009);
}

async function assertQueuesFlood(engine: EngineUnderTest): Promise<void> {
  await using ends = await engine.connect();
  assertEquals(ends.socket.pause, undefined);
  await flood(ends);
}

async function assertPutsTogether(engine: EngineUnderTest): Promise<void> {
  await using served = await engine.serve();
  await using client = await served.open();
  await client.send(...fragments(4_097));
  assertEquals((await served.parent.take("message")).body.length, 4_097);
}

async function assertTakesUnmasked(engine: EngineUnderTest): Promise<void> {
  await using served = await engine.serve();
  await using client = await served.open();
  await client.send({ opcode: text, mask: false, payload: "bare" });
  assertEquals((await served.parent.take("message")).body, "bare");
}

async function assertTakesLongClose(engine: EngineUnderTest): Promise<void> {
  await using served = await engine.serve();
  await using client = await served.open();
  await client.send({ opcode: close, payload: closeBody(1000, "x".repeat(124)) });
  assertEquals((await client.readClose()).code, 1000);
}

async function assertHidesPings(engine: EngineUnderTest): Promise<void> {
  await using ends = await engine.connect();
  const { socket, client } = ends;
  socket.send(ping, "unsent");
  socket.send(pong, "unsent");
  await client.send({ opcode: ping, payload: "p" }, { opcode: pong }, { opcode: close });
  assertEquals((await client.readFrame())?.opcode, pong);
  assertEquals(await readAll(socket), []);
}

async function assertWaitsForHeaders(engine: EngineUnderTest): Promise<void> {
  await using served = await engine.serve({ handshakeTimeoutMs: 10 });
  await using client = await RawClient.connect({ port: served.port });
  await client.write("GET /ws HTTP/1.1\r\n");
  // Longer than the limit: it must make no difference.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await client.write(
    "Host: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  assertEquals((await client.readHead()).status, 101);
}

/** Checks that a handshake is answered with a status. */
function answers(status: number, parts: Parameters<RawClient["handshake"]>[0]) {
  return async (engine: EngineUnderTest) => {
    await using served = await engine.serve({ compression: true });
    const head = await served.handshake(parts);
    assertEquals([head.status, head.headers.get("sec-websocket-extensions")], [status, null]);
  };
}

/** The checks of `NATIVE_SHORTCOMINGS`. */
export const NATIVE_INSTEADS: Readonly<
  Record<string, (engine: EngineUnderTest) => Promise<void>>
> = {
  "terminates a peer that does not answer": assertStaysOpen,
  "evicts a reader that stalls": assertKeepsQueue,
  "takes the close code 1014": assertRefuses1014,
  "bounds a message before it is assembled": assertBoundsLate,
  "limits the number of fragments": assertPutsTogether,
  "pushes back on a fast sender": assertQueuesFlood,
  "refuses unmasked frames": assertTakesUnmasked,
  "answers violations with 1002": (engine) => assertViolations(engine, 1006, VIOLATIONS),
  "answers an over-long close frame with 1002": assertTakesLongClose,
  "answers text that is not UTF-8 with 1007": (engine) => assertViolations(engine, 1006, NOT_UTF8),
  "answers fragments that end inside a code point with 1007": assertCutsOff,
  "leaves nothing of a client that leaves in mid-upgrade": assertForgotten,
  "sends and reports pings and pongs": assertHidesPings,
  "limits the time for request headers": assertWaitsForHeaders,
  "compresses": answers(101, withHeaders({ "Sec-WebSocket-Extensions": "permessage-deflate" })),
  "counts repeated headers one by one": answers(101, { extraLines: Array(100).fill("x-same: 1") }),
  "answers a header block of any size with 431": answers(
    400,
    withHeaders({ "X-Long": "x".repeat(70_000) }),
  ),
  "answers a handshake over HTTP/1.0 with 400": answers(101, { httpVersion: "HTTP/1.0" }),
};
