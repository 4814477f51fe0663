import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import {
  createConnection,
  DialError,
  DialHandshakeError,
  DialRefusedError,
  DialStatusError,
  DialTimeoutError,
} from "../../../src/websocket/mod.ts";
import { assertEquals, assertInstanceOf, assertRejects } from "../../helpers/assert.ts";
import { serveWs } from "../ws_stage.ts";
import { acceptKey, HEAD, listenTcp } from "./dial_stage.ts";

async function assertFails<E extends DialError>(
  kind: abstract new (...args: never[]) => E,
  port: number,
  why: string,
  options: Partial<Parameters<typeof createConnection>[0]> = {},
): Promise<E> {
  const url = `ws://127.0.0.1:${port}/ws`;
  const error = await assertRejects(() => createConnection({ url, ...options }));
  assertInstanceOf(error, kind as never);
  assertInstanceOf(error, DialError);
  assertEquals(error.message.startsWith(`Cannot connect to ${url}: `), true, error.message);
  assertEquals(error.message.includes(why), true, error.message);
  return error as unknown as E;
}

Deno.test("a port that nobody listens on is a DialRefusedError with its cause", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const error = await assertFails(DialRefusedError, port, "ECONNREFUSED");
  assertEquals([error.code, error.name], ["refused", "DialRefusedError"]);
  assertEquals((error.cause as { code: string }).code, "ECONNREFUSED");
});

Deno.test("a server that hangs up in the handshake is a DialRefusedError", async () => {
  await using server = await listenTcp((socket) => void socket.destroy());
  await assertFails(DialRefusedError, server.port, "");
});

Deno.test("a server that says nothing is a DialTimeoutError with the time", async () => {
  await using server = await listenTcp(() => {});
  const options = { handshakeTimeoutMs: 50 };
  const error = await assertFails(DialTimeoutError, server.port, "took over 50 ms", options);
  assertEquals([error.code, error.timeoutMs], ["timeout", 50]);
});

Deno.test("an answer other than 101 is a DialStatusError with the status", async () => {
  for (const status of [200, 302, 401, 403, 503]) {
    await using server = await listenTcp((socket) => {
      socket.end(`HTTP/1.1 ${status} X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n`);
    });
    const error = await assertFails(DialStatusError, server.port, `${status}, expected 101`);
    assertEquals([error.code, error.status], ["status", status]);
  }
  await using served = await serveWs({ origins: "https://a.net" });
  const headers = { Origin: "https://evil.net" };
  const { status } = await assertFails(DialStatusError, served.port, "403", { headers });
  assertEquals(status, 403);
});

Deno.test("an answer that is no handshake of WebSocket is a DialHandshakeError", async () => {
  const answers: Record<string, (request: string) => string> = {
    "a wrong accept key": () => `${HEAD}Sec-WebSocket-Accept: c3RyYW5nZXI=\r\n\r\n`,
    "no accept key": () => `${HEAD}\r\n`,
    "another upgrade": () => HEAD.replace("websocket", "h2c") + "\r\n",
    "a subprotocol that nobody asked for": (request) =>
      `${HEAD}Sec-WebSocket-Accept: ${acceptKey(request)}\r\nSec-WebSocket-Protocol: x\r\n\r\n`,
    "an extension that nobody asked for": (request) =>
      `${HEAD}Sec-WebSocket-Accept: ${acceptKey(request)}\r\n` +
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
    "what is not HTTP": () => "SSH-2.0-server\r\n\r\n",
  };
  for (const [what, answer] of Object.entries(answers)) {
    await using server = await listenTcp((socket, request) => socket.end(answer(request)));
    const error = await assertFails(DialHandshakeError, server.port, "");
    assertEquals([error.code, error.cause instanceof Error], ["handshake", true], what);
  }
});

Deno.test("a 101 that is no upgrade to WebSocket is a DialHandshakeError that names why", async () => {
  const answers: Record<string, string> = {
    "": 'no Upgrade header, expected "websocket"',
    "Connection: Upgrade\r\n": 'no Upgrade header, expected "websocket"',
    "Upgrade: h2c\r\n": 'Upgrade "h2c", expected "websocket"',
    "Upgrade: WebSocket\r\n": 'no Connection header, expected "Upgrade"',
    "Upgrade: websocket\r\nConnection: close\r\n": 'Connection "close", expected "Upgrade"',
  };
  for (const [headers, why] of Object.entries(answers)) {
    await using server = await listenTcp((socket, request) => {
      const key = `Sec-WebSocket-Accept: ${acceptKey(request)}`;
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n${headers}${key}\r\n\r\n`);
    });
    const text = `the server answered 101 with ${why}`;
    const error = await assertFails(DialHandshakeError, server.port, text);
    assertEquals(error.code, "handshake");
  }
});

Deno.test("the error shows neither user nor password of the URL", async () => {
  await using server = await listenTcp((socket) => socket.end("HTTP/1.1 401 X\r\n\r\n"));
  const url = `ws://user:secret@127.0.0.1:${server.port}/ws?a=1`;
  const error = await assertRejects(() => createConnection({ url }), DialStatusError);
  assertEquals(error.url, `ws://127.0.0.1:${server.port}/ws?a=1`);
  assertEquals(error.message.includes("secret"), false);
});

Deno.test("createConnection() names itself for every option that it refuses", async () => {
  const wrong = [
    { maxMessageBytes: 0 },
    { sendQueueBytes: "1MiB" },
    { handshakeTimeoutMs: NaN },
    { slowConsumer: "wait" },
    { pingPeriodMs: 70_000 },
  ];
  for (const options of wrong) {
    const [key] = Object.keys(options);
    await assertRejects(
      () => createConnection({ url: "ws://127.0.0.1:1/", ...options } as never),
      Error,
      `Cannot create a connection: ${key} is `,
    );
  }
});

Deno.test("createConnection() refuses what is no option before it dials", async () => {
  await assertRejects(
    () => createConnection({ url: "ws://127.0.0.1:1/", header: {} } as never),
    TypeError,
    'Cannot create a connection: "header" is no option, expected one of url, process, ',
  );
});
