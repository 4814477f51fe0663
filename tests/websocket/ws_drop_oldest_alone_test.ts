import v8 from "node:v8";
import type { Alias, Process } from "../../src/actor/mod.ts";
import { WebSocketConnection } from "../../src/websocket/connection/connection.ts";
import { isMessage } from "../../src/websocket/mod.ts";
import { assertEquals, assertGreater, assertLess, assertLessOrEqual } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import type { RawClient } from "../../src/testing/raw_client.ts";
import { echoes, Inbox } from "./inbox.ts";
import type { Served } from "./stage.ts";
import { serveWs } from "./ws_stage.ts";

const { text } = OPCODE;

const MESSAGE_BYTES = 16_384;
const LIMITS = { sendQueueBytes: 262_144, slowConsumer: "drop-oldest" } as const;

/** In messages. */
const HALF_A_QUEUE = LIMITS.sendQueueBytes / MESSAGE_BYTES / 2;

/** What may be on the heap besides the queue: far less than what was sent. */
const OTHER_HEAP_BYTES = 4 * 1_048_576;

/** A process that, told a number, sends as many numbered messages; it echoes the rest. */
class NewsDesk extends Inbox {
  sent = 0;

  constructor() {
    super((self, message) => {
      if (!isMessage(message)) return;
      const count = Number(message.body);
      if (Number.isNaN(count)) return echoes(self, message);
      for (let i = 0; i < count; i++) this.#sendNext(self, message.id);
    });
  }

  #sendNext(self: Process, id: Alias): void {
    const body = `${this.sent++} `.padEnd(MESSAGE_BYTES, ".");
    assertEquals(self.send(id, { kind: "message", body }), "accepted");
  }
}

/** Has the process send, and the client not read, until so many messages were dropped. */
async function sendUntilDropped(served: Served, client: RawClient, count: number) {
  const { id } = await served.parent.take("connect");
  let dropped = 0;
  for (let turns = 0; dropped < count && turns < 1_000; turns++) {
    await client.send({ opcode: text, payload: "50" });
    await served.parent.count("message", turns + 1);
    const seen = await served.node.inspect(id);
    assertLessOrEqual(Number(seen.sendQueueBytes), LIMITS.sendQueueBytes);
    dropped = Number(seen.dropped);
  }
  assertGreater(dropped, count - 1);
  return id;
}

/** Reads numbered messages up to the first other one. */
async function readNumbers(client: RawClient, end: string): Promise<number[]> {
  const numbers: number[] = [];
  for (;;) {
    const message = await client.readText();
    if (message === end) return numbers;
    numbers.push(parseInt(message));
  }
}

function heapBytes(): number {
  // Counting what lives has the garbage collected first.
  v8.queryObjects(WebSocketConnection, { format: "count" });
  return Deno.memoryUsage().heapUsed;
}

Deno.test("drop-oldest keeps a reader that stalls: the oldest go, the newest come in order", async () => {
  const desk = new NewsDesk();
  await using served = await serveWs({ ...LIMITS, parent: desk });
  await using client = await served.open({ timeoutMs: 20_000 });
  const before = heapBytes();
  const id = await sendUntilDropped(served, client, 1_000);
  assertGreater(desk.sent * MESSAGE_BYTES, 16 * 1_048_576);
  assertLess(heapBytes() - before, LIMITS.sendQueueBytes + OTHER_HEAP_BYTES);

  await client.send({ opcode: text, payload: "the newest" });
  const numbers = await readNumbers(client, "the newest");
  const { dropped } = await served.node.inspect(id);
  assertEquals(numbers.length, desk.sent - Number(dropped));
  assertEquals(numbers, [...new Set(numbers)].toSorted((a, b) => a - b));
  // At least half of the queue waits where the oldest go first: all of it are the newest.
  const newest = Array.from({ length: HALF_A_QUEUE }, (_, i) => desk.sent - HALF_A_QUEUE + i);
  assertEquals(numbers.slice(-HALF_A_QUEUE), newest);

  await client.send({ opcode: text, payload: "still open" });
  assertEquals(await client.readText(), "still open");
  const { closing, sendQueueBytes } = await served.node.inspect(id);
  assertEquals([closing, sendQueueBytes, served.handler.connections], [0, 0, 1]);
  assertEquals(desk.all("disconnect"), []);
});
