import type { Socket } from "node:net";
import { createConnection, DialTimeoutError } from "../../../src/websocket/mod.ts";
import { assertEquals, assertRejects } from "../../helpers/assert.ts";
import { inDeadline } from "../../../src/testing/deadline.ts";
import { listenTcp } from "./dial_stage.ts";

/** Time between two pieces of an answer that never ends, in milliseconds: less than the time-out. */
const DRIP_MS = 10;

const DRIPS: readonly [what: string, scheme: string, start: string, drip: string][] = [
  ["a byte of a header", "ws", "HTTP/1.1 101 Switching Protocols\r\nX-A: ", "a"],
  ["a header", "ws", "HTTP/1.1 101 Switching Protocols\r\n", "X-A: a\r\n"],
  ["a byte of a TLS record", "wss", "\x16\x03\x03\x40\x00", "\x02"],
];

/** Writes on until the client has gone. */
function drip(socket: Socket, start: string, piece: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(piece), DRIP_MS);
  socket.once("close", () => clearInterval(timer));
}

for (const [what, scheme, start, piece] of DRIPS) {
  Deno.test(`a server that answers ${what} at a time does not outlast the handshake`, async () => {
    const gone = Promise.withResolvers<void>();
    await using server = await listenTcp((socket) => {
      socket.once("close", () => gone.resolve());
      drip(socket, start, piece);
    });
    const url = `${scheme}://127.0.0.1:${server.port}/`;
    const dialing = createConnection({ url, handshakeTimeoutMs: 100 });
    const error = await assertRejects(() => inDeadline("its end", dialing), DialTimeoutError);
    assertEquals([error.code, error.timeoutMs], ["timeout", 100]);
    await inDeadline("the end of the TCP connection", gone.promise);
  });
}
