import { isMessage } from "../../src/websocket/mod.ts";
import type { Process } from "../../src/actor/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { closeBody, encodeFrame, OPCODE } from "../../src/testing/frames.ts";
import type { RawClient } from "../../src/testing/raw_client.ts";
import { dialWs } from "../../src/websocket/engines/ws_dial.ts";
import { acceptKey, HEAD, listenTcp } from "./dial/dial_stage.ts";
import { Inbox } from "./inbox.ts";
import { connectWs, serveWs } from "./ws_stage.ts";

/** Answers pings until a text comes; gives that. */
async function readAnsweringPings(client: RawClient): Promise<string> {
  for (;;) {
    const frame = await client.readFrame();
    if (frame === undefined) return "the connection has ended";
    const { opcode, payload } = frame;
    if (opcode === OPCODE.ping) await client.send({ opcode: OPCODE.pong, payload });
    else return `${opcode} ${new TextDecoder().decode(payload)}`;
  }
}

/** Echoes; told "block", keeps the thread for longer than any limit. */
async function busy(self: Process): Promise<void> {
  for await (const { message } of self) {
    if (!isMessage(message)) continue;
    const startMs = performance.now();
    while (message.body === "block" && performance.now() - startMs < 600);
    self.send(message.id, { kind: "message", body: message.body });
  }
}

for (
  const [what, limits] of [
    ["pings", { pingPeriodMs: 50, pongTimeoutMs: 200 }],
    ["a read timeout", { readTimeoutMs: 200 }],
  ] as const
) {
  Deno.test(`a server that was busy itself closes nobody, with ${what}`, async () => {
    await using served = await serveWs({
      ...limits,
      parent: Object.assign(new Inbox(), { run: busy }),
    });
    const clients = await Promise.all(Array.from({ length: 5 }, () => served.open()));
    const [first] = clients;
    await first!.send({ opcode: OPCODE.text, payload: "block" });
    await Promise.all(clients.map((client, index) => {
      return client.send({ opcode: OPCODE.text, payload: `while it was busy ${index}` });
    }));
    assertEquals(await readAnsweringPings(first!), "1 block");
    const answers = await Promise.all(clients.map(readAnsweringPings));
    assertEquals(answers, clients.map((_, index) => `1 while it was busy ${index}`));
    for (const client of clients) client.close();
  });
}

Deno.test("a socket that closes hears an answer that came while the server was busy itself", async () => {
  await using ends = await connectWs({ closeTimeoutMs: 200 });
  const { socket, client } = ends;
  socket.close(1001, "");
  assertEquals((await client.readClose()).code, 1001);
  const answer = client.send({ opcode: OPCODE.close, payload: closeBody(1001, "seen") });
  const startMs = performance.now();
  while (performance.now() - startMs < 700);
  await answer;
  assertEquals(await Array.fromAsync(socket), []);
  assertEquals({ ...socket.closeInfo }, { code: 1001, reason: "seen" });
});

Deno.test("a dialed socket that closes hears an answer that came while the program was busy", async () => {
  const busy = Promise.withResolvers<void>();
  await using server = await listenTcp((tcp, request) => {
    tcp.write(`${HEAD}Sec-WebSocket-Accept: ${acceptKey(request)}\r\n\r\n`);
    tcp.once("data", () => {
      const payload = closeBody(1001, "seen");
      tcp.write(encodeFrame({ opcode: OPCODE.close, mask: false, payload }));
      const startMs = performance.now();
      while (performance.now() - startMs < 700);
      busy.resolve();
    });
  });
  const { socket } = await dialWs({
    url: new URL(`ws://127.0.0.1:${server.port}/`),
    protocols: [],
    headers: {},
    compression: false,
    handshakeTimeoutMs: 5_000,
    maxMessageBytes: 1_000,
    closeTimeoutMs: 200,
    ca: undefined,
    rejectUnauthorized: true,
  });
  socket.close(1001, "");
  await busy.promise;
  assertEquals(await Array.fromAsync(socket), []);
  assertEquals({ ...socket.closeInfo }, { code: 1001, reason: "seen" });
});
