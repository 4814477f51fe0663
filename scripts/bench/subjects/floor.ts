/**
 * Subject: the floor, which is `node:net` with the plainest codec and no actors. It takes
 * what the generator sends and no more: whole, masked, short of close frames and limits.
 * Argument: echo or broadcast.
 *
 * @module
 */

import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { Buffer } from "node:buffer";

const RESPONSE = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
  "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

const role = Deno.args[0];
const sockets = new Set<Socket>();
const corked = new Set<Socket>();

/** Takes the frames of a chunk; returns what is left of the last one. */
function takeFrames(chunk: Buffer, onReply: (reply: Buffer) => void): Buffer {
  let at = 0;
  while (chunk.length - at >= 2) {
    const short = chunk[at + 1]! & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (chunk.length - at < head + 4) break;
    const length = short < 126
      ? short
      : short === 126
      ? chunk.readUInt16BE(at + 2)
      : chunk.readUInt32BE(at + 6);
    const start = at + head + 4;
    if (chunk.length < start + length) break;
    const reply = Buffer.allocUnsafe(head + length);
    chunk.copy(reply, 0, at, at + head);
    reply[1]! &= 0x7f;
    for (let i = 0; i < length; i++) {
      reply[head + i] = chunk[start + i]! ^ chunk[start - 4 + (i & 3)]!;
    }
    onReply(reply);
    at = start + length;
  }
  return chunk.subarray(at);
}

/** Writes what one turn gives with one system call. */
function write(socket: Socket, reply: Buffer): void {
  if (!corked.has(socket)) {
    corked.add(socket);
    socket.cork();
  }
  socket.write(reply);
}

function uncork(): void {
  for (const socket of corked) socket.uncork();
  corked.clear();
}

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer | undefined;
  let isOpen = false;
  const onReply = role === "echo"
    ? (reply: Buffer) => write(socket, reply)
    : (reply: Buffer) => sockets.forEach((each) => write(each, reply));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
  socket.on("data", (chunk: Buffer) => {
    if (!isOpen) {
      isOpen = true;
      sockets.add(socket);
      socket.write(RESPONSE);
      return;
    }
    const left = takeFrames(rest ? Buffer.concat([rest, chunk]) : chunk, onReply);
    rest = left.length > 0 ? left : undefined;
    uncork();
  });
});
server.listen(0, "127.0.0.1", 4096, () => console.log((server.address() as AddressInfo).port));
