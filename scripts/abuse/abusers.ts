/** Clients that do what no client should. @module */

import { open } from "../bench/load.ts";

/** Bytes of the message that is announced: a masked binary frame with a length of 64 bits. */
const ANNOUNCED_BYTES = 64 * 1_048_576;

/** Time between two bytes of a header, in milliseconds. */
const DRIP_MS = 100;

/** Announces a message and sends none of it; says what became of the connection. */
export async function announce(port: number, signal: AbortSignal): Promise<string> {
  using connection = await open(port);
  const head = new Uint8Array(14);
  head.set([0x82, 0x80 | 127]);
  new DataView(head.buffer).setBigUint64(2, BigInt(ANNOUNCED_BYTES));
  await connection.write(head);
  return `announced 64 MiB: ${await endOf(connection, signal)}`;
}

/** Reads nothing of what is broadcast until the end. */
export async function stall(port: number, signal: AbortSignal): Promise<string> {
  using connection = await open(port, "/broadcast");
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return `stalled: ${await isCutOff(connection) ? "cut off" : "still open"}`;
}

/** Sends a header byte by byte. */
export async function drip(port: number, signal: AbortSignal): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const ended = endOf(connection, signal);
  let isOpen = true;
  void ended.then(() => isOpen = false);
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nX-Slow: "));
  while (isOpen && !signal.aborted) {
    await connection.write(new Uint8Array([0x78])).catch(() => isOpen = false);
    await new Promise((resolve) => setTimeout(resolve, DRIP_MS));
  }
  return `dripped headers: ${await ended}`;
}

/** Reads until the server ends the connection, or until it is over. */
async function endOf(connection: Deno.TcpConn, signal: AbortSignal): Promise<string> {
  const over = new Promise<"over">((resolve) =>
    signal.addEventListener("abort", () => resolve("over"), { once: true })
  );
  const buffer = new Uint8Array(4_096);
  for (;;) {
    const read = connection.read(buffer).catch(() => null);
    const result = await Promise.race([read, over]);
    if (result === "over") return "still open";
    if (result === null) return "closed by the server";
  }
}

/** Reads what is there; whether the end comes with it. */
async function isCutOff(connection: Deno.TcpConn): Promise<boolean> {
  const buffer = new Uint8Array(1_048_576);
  const over = AbortSignal.timeout(2_000);
  while (!over.aborted) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) return true;
  }
  return false;
}
