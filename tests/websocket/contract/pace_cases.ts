/**
 * How an engine holds out against peers that read or write at their own pace.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "../../helpers/assert.ts";
import { inDeadline } from "../../../src/testing/deadline.ts";
import { encodeFrames, OPCODE } from "../../../src/testing/frames.ts";
import type { RawClient } from "../../../src/testing/raw_client.ts";
import type { ContractCase, EngineUnderTest, SocketEnds } from "../engine_contract.ts";
import type { Served } from "../stage.ts";

const { text, binary, close } = OPCODE;

/** More than the kernel buffers between two ends of loopback. */
export const FLOOD_BYTES = 32 * 1024 * 1024;

const CHUNK_BYTES = 65_536;

/** Messages of 64 KiB, the first characters of each its number. */
function chunk(index: number): string {
  return `${index} `.padEnd(CHUNK_BYTES, ".");
}

/** Sends to a client that reads nothing until the message after the `sent` ones closes it. */
export async function stall(served: Served): Promise<{ client: RawClient; sent: number }> {
  const client = await served.open({ timeoutMs: 10_000 });
  const { id } = await served.parent.take("connect");
  for (let sent = 0; sent * CHUNK_BYTES < 2 * FLOOD_BYTES; sent++) {
    served.node.send(id, { kind: "message", body: chunk(sent) });
    await nextTurn();
    if ((await served.node.inspect(id)).closing !== 0) return { client, sent };
  }
  throw new Error("Cannot stall: nothing is full");
}

/** Lets the transport take what it can. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Reads messages to the close frame or the end, and gives the numbers of those by `chunk`. */
export async function readChunks(client: RawClient): Promise<{ numbers: number[]; code: number }> {
  const numbers: number[] = [];
  for (;;) {
    const frame = await client.readFrame();
    if (frame === undefined) return { numbers, code: 1006 };
    const { payload } = frame;
    if (frame.opcode === close) return { numbers, code: (payload[0]! << 8) | payload[1]! };
    if (payload.length < CHUNK_BYTES) continue;
    numbers.push(parseInt(new TextDecoder().decode(payload.subarray(0, 10))));
  }
}

/** Writes more than fits into the kernel; nobody has to read it. */
export async function flood({ client }: SocketEnds): Promise<void> {
  const piece = encodeFrames([{ opcode: binary, payload: new Uint8Array(CHUNK_BYTES) }]);
  for (let left = FLOOD_BYTES; left > 0; left -= CHUNK_BYTES) await client.write(piece);
}

async function assertEvicted(engine: EngineUnderTest): Promise<void> {
  await using served = await engine.serve({ sendQueueBytes: 8_388_608, closeTimeoutMs: 50 });
  const { client, sent } = await stall(served);
  assertEquals((await served.parent.take("disconnect")).code, 4002);
  const { numbers, code } = await readChunks(client);
  client.close();
  // Cut off: what was queued is not kept for when it wakes up.
  assertLess(numbers.length, sent);
  assertEquals(code, 1006);
}

/** Pace. */
export const PACE_CASES: readonly ContractCase[] = [
  {
    name: "closes with 4002 when a reader stalls",
    async run(engine) {
      await using served = await engine.serve({ sendQueueBytes: 262_144, closeTimeoutMs: 50 });
      const { client } = await stall(served);
      const { code, reason } = await served.parent.take("disconnect");
      assertEquals([code, reason], [4002, "slow consumer"]);
      client.close();
    },
  },
  { name: "evicts a reader that stalls", run: assertEvicted },
  {
    name: "drops the oldest messages of a reader that stalls, in order and counted",
    async run(engine) {
      const limits = { sendQueueBytes: 262_144, slowConsumer: "drop-oldest" } as const;
      await using served = await engine.serve(limits);
      await using client = await served.open({ timeoutMs: 10_000 });
      const { id } = await served.parent.take("connect");
      let last = 0;
      const dropped = async () => Number((await served.node.inspect(id)).dropped);
      while (await dropped() < 3) {
        served.node.send(id, { kind: "message", body: chunk(last++) });
        await nextTurn();
        const { sendQueueBytes } = await served.node.inspect(id);
        assertLess(Number(sendQueueBytes), limits.sendQueueBytes + CHUNK_BYTES);
      }
      served.node.send(id, { kind: "message", body: "the newest" });
      await nextTurn();
      const lost = await dropped();
      const got: number[] = [];
      for (;;) {
        const message = await client.readText();
        if (message === "the newest") break;
        got.push(parseInt(message));
      }
      assertEquals(got, got.toSorted((a, b) => a - b));
      assertEquals(got.length, last - lost);
      assertEquals(got.at(-1), last - 1);
    },
  },
  {
    name: "drains when the reader goes on",
    async run(engine) {
      await using ends = await engine.connect();
      const { socket, client } = ends;
      let sent = 0;
      while (socket.bufferedBytes < 1_048_576) {
        socket.send(text, chunk(sent++));
        await nextTurn();
      }
      assertGreater(sent, 16);
      const draining = socket.drained(0);
      for (let i = 0; i < sent; i++) assertEquals(await client.readText(), chunk(i));
      await inDeadline("draining", draining);
      assertEquals(socket.bufferedBytes, 0);
    },
  },
  {
    name: "is drained when it ends",
    async run(engine) {
      await using ends = await engine.connect();
      const { socket, client } = ends;
      while (socket.bufferedBytes < 1_048_576) {
        socket.send(text, chunk(0));
        await nextTurn();
      }
      const draining = socket.drained(0);
      client.close();
      await inDeadline("draining", draining);
    },
  },
  {
    name: "pushes back on a fast sender",
    async run(engine) {
      await using ends = await engine.connect();
      assert(ends.socket.pause !== undefined && ends.socket.resume !== undefined);
      ends.socket.pause();
      const flooding = flood(ends).then(() => "done");
      const pause = Promise.withResolvers<string>();
      setTimeout(() => pause.resolve("pushed back"), 300);
      assertEquals(await Promise.race([flooding, pause.promise]), "pushed back");
      ends.socket.resume();
      let bytes = 0;
      for await (const { body } of ends.socket) {
        if ((bytes += body.length) === FLOOD_BYTES) break;
      }
      assertEquals(await flooding, "done");
    },
  },
];
