/**
 * Dialed connections with a process behind them, and servers that misbehave.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Alias, Node, Pid } from "../../../src/actor/mod.ts";
import { createConnection, type DialOptions } from "../../../src/websocket/mod.ts";
import { Inbox, type Reaction } from "../inbox.ts";

/** A dialed connection that runs. */
export interface DialStage {
  readonly id: Alias;
  readonly inbox: Inbox;
  readonly pid: Pid;
}

/** Dials, and spawns the connection in a process of its own. */
export async function dial(
  node: Node,
  options: DialOptions,
  react?: Reaction,
): Promise<DialStage> {
  const connection = await createConnection(options);
  const inbox = new Inbox(react);
  const spawned = Promise.withResolvers<Alias>();
  const pid = node.spawn(async (self) => {
    spawned.resolve(self.spawnMeta(connection));
    await inbox.run(self);
  });
  return { id: await spawned.promise, inbox, pid };
}

/** A TCP server that does with each connection what it likes. */
export interface TcpServer extends AsyncDisposable {
  readonly port: number;
}

/** Listens on loopback; `serve` gets each connection when its request has come. */
export async function listenTcp(
  serve: (socket: Socket, request: string) => void,
): Promise<TcpServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    socket.once("data", (data) => serve(socket, String(data)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The answer to a handshake, without its key and its end. */
export const HEAD =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

/** The key that the answer to a request has (RFC 6455, section 4.2.2). */
export function acceptKey(request: string): string {
  const key = /^sec-websocket-key: *(.*)$/im.exec(request)![1]!.trim();
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}
