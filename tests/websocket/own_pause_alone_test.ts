import { isMessage } from "../../src/websocket/mod.ts";
import type { Process } from "../../src/actor/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import type { RawClient } from "../../src/testing/raw_client.ts";
import { Inbox } from "./inbox.ts";
import { serveWs } from "./ws_stage.ts";

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
