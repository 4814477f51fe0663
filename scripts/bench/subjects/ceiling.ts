/**
 * Subject: answers as many bytes of frames as an echo would, without looking at what it
 * is sent but for the first frame, so that it is the generator that is measured.
 *
 * @module
 */

import { readHead } from "../generator/scanner.ts";

const RESPONSE = new TextEncoder().encode(
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
);
const MASK_BYTES = 4;
/** Replies that are written at once at most. */
const BATCH = 64;

async function serve(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  await connection.read(buffer);
  await connection.write(RESPONSE);
  let frameBytes = 0;
  let replies = new Uint8Array();
  let pending = 0;
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    if (frameBytes === 0) {
      const short = buffer[1]! & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      const { length } = readHead(buffer, 0);
      frameBytes = head + MASK_BYTES + length;
      const reply = new Uint8Array(head + length).fill(0x78);
      reply.set(buffer.subarray(0, head));
      reply[1]! &= 0x7f;
      replies = new Uint8Array(reply.length * BATCH);
      for (let i = 0; i < BATCH; i++) replies.set(reply, i * reply.length);
    }
    pending += count;
    const due = Math.floor(pending / frameBytes);
    pending -= due * frameBytes;
    for (let left = due; left > 0; left -= BATCH) {
      await writeAll(
        connection,
        replies.subarray(0, Math.min(left, BATCH) * replies.length / BATCH),
      );
    }
  }
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
for await (const connection of listener) {
  connection.setNoDelay(true);
  // A generator that leaves ends no other.
  serve(connection).catch(() => {}).finally(() => connection.close());
}
