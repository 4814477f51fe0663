import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { FIRST_WATCH_STATE, stepWatch, watchAccepting } from "../../src/http/accept_watch.ts";
import { assertEquals } from "../helpers/assert.ts";

/** Which of these looks ask the server, when each ask is answered well. */
function asks(...accepted: boolean[]): boolean[] {
  let state = FIRST_WATCH_STATE;
  return accepted.map((hasAccepted) => {
    const step = stepWatch(state, hasAccepted);
    state = step.ask ? FIRST_WATCH_STATE : step.state;
    return step.ask;
  });
}

Deno.test("stepWatch() asks once after connections have ceased, and leaves a busy server alone", () => {
  assertEquals(asks(false, false), [false, false]);
  assertEquals(asks(true, true, true), [false, false, false]);
  assertEquals(asks(true, false, false), [false, true, false]);
});

Deno.test("stepWatch() asks an idle server now and then", () => {
  const asked = asks(...Array.from({ length: 100 }, () => false));
  assertEquals(asked.filter(Boolean).length, 3);
});

/** A server that does so with what it accepts, and where it listens. */
async function listen(take: (socket: Socket) => void) {
  const server = createServer(take);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { address, port } = server.address() as AddressInfo;
  return { server, addr: { transport: "tcp", hostname: address, port } as const };
}

Deno.test("watchAccepting() tells of a server that does not accept, and only then", async () => {
  const sockets: Socket[] = [];
  const open = await listen((socket) => void sockets.push(socket));
  // As a server does with what is more than its most connections.
  const full = await listen((socket) => socket.destroy());
  // A listener whose connections nobody takes: the system accepts them, the program does not.
  using idle = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stuckAddr = idle.addr as Deno.NetAddr;
  const listeners = new Set<(socket: never) => void>();
  const stuckServer = {
    on: (_: string, listener: (socket: never) => void) => listeners.add(listener),
    off: (_: string, listener: (socket: never) => void) => listeners.delete(listener),
  };
  const stuck = Promise.withResolvers<void>();
  const wrong: string[] = [];
  {
    using _open = watchAccepting(open.server, open.addr, (isWell) => isWell || wrong.push("open"));
    using _full = watchAccepting(full.server, full.addr, (isWell) => isWell || wrong.push("full"));
    using _stuck = watchAccepting(stuckServer, stuckAddr, (isWell) => isWell || stuck.resolve());
    // All have accepted something, and then nothing.
    for (const listener of listeners) listener({} as never);
    using _client = await Deno.connect({ hostname: "127.0.0.1", port: open.addr.port });
    using _other = await Deno.connect({ hostname: "127.0.0.1", port: full.addr.port });
    const keepAlive = setInterval(() => {}, 1000);
    await stuck.promise.finally(() => clearInterval(keepAlive));
  }
  assertEquals([wrong, listeners.size], [[], 0]);
  for (const socket of sockets) socket.destroy();
  for (const { server } of [open, full]) {
    await new Promise((resolve) => server.close(resolve));
  }
});

Deno.test("watchAccepting() takes a refused connection for a server that is deaf", async () => {
  const { server, addr } = await listen(() => {});
  await new Promise((resolve) => server.close(resolve));
  const deaf = Promise.withResolvers<boolean>();
  using _watch = watchAccepting(server, addr, deaf.resolve);
  server.emit("connection", { remotePort: 0 } as never);
  const keepAlive = setInterval(() => {}, 1000);
  assertEquals(await deaf.promise.finally(() => clearInterval(keepAlive)), false);
});
