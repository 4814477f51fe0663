/** Round-trip times of connections that behave. @module */

import { summarize, type Times } from "./times.ts";

/** Time between two messages of one connection, in milliseconds. */
const PERIOD_MS = 20;

/** A masked text of 30 zeros; the masking key is zero. */
const FRAME = new Uint8Array([0x81, 0x80 | 30, 0, 0, 0, 0, ...new Array(30).fill(0x30)]);
const REPLY_BYTES = 32;

/** Sends a message on each, again and again, for `durationMs`. */
export async function measureRoundTrips(
  connections: readonly Deno.TcpConn[],
  durationMs: number,
): Promise<Times> {
  const untilMs = performance.now() + durationMs;
  const times = (await Promise.all(connections.map((each) => timesOf(each, untilMs)))).flat();
  return summarize(times);
}

async function timesOf(connection: Deno.TcpConn, untilMs: number): Promise<number[]> {
  const buffer = new Uint8Array(1_024);
  const times: number[] = [];
  // Spread over the period, as clients are.
  await pause(Math.random() * PERIOD_MS);
  while (performance.now() < untilMs) {
    const sentMs = performance.now();
    await connection.write(FRAME);
    for (let received = 0; received < REPLY_BYTES;) {
      const count = await connection.read(buffer);
      if (count === null) throw new Error("Cannot measure: the server closed a connection");
      received += count;
    }
    times.push(performance.now() - sentMs);
    await pause(PERIOD_MS);
  }
  return times;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
