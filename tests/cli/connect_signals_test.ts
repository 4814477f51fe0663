import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { runCli } from "../../src/cli/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { inDeadline } from "../../src/testing/deadline.ts";
import { createIo } from "./stage.ts";

type Answer = (isWelcome: boolean, status?: number) => void;

/** A server that leaves each handshake to the test. */
async function startPeer() {
  const asked = Promise.withResolvers<Answer>();
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    verifyClient: (_info, answer) => asked.resolve(answer),
  });
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: () => inDeadline("the handshake", asked.promise),
    connected: once(server, "connection").then(([socket]) => socket as WebSocket),
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Standard input that stays open. */
const openInput = () => new ReadableStream<Uint8Array>();

for (const name of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${name} ends troupe connect while it dials, and a late connection with it`, async () => {
    await using peer = await startPeer();
    const { io, signal, result } = createIo({ input: openInput(), isTerminal: true });
    const code = runCli(["connect", peer.url], io);
    const answer = await peer.asked();
    signal(name);
    assertEquals(await inDeadline("the end", code), 0);
    answer(true);
    const socket = await inDeadline("the late connection", peer.connected);
    assertEquals((await inDeadline("its end", once(socket, "close")))[0], 1006);
    assertEquals(result(), { stdout: "", stderr: "" });
  });
}

Deno.test("a handshake that is refused after SIGINT is nobody's error", async () => {
  await using peer = await startPeer();
  const { io, signal, result } = createIo({ input: openInput() });
  const code = runCli(["connect", peer.url], io);
  const answer = await peer.asked();
  signal("SIGINT");
  assertEquals(await inDeadline("the end", code), 0);
  answer(false, 401);
  assertEquals(result(), { stdout: "", stderr: "" });
});

Deno.test("a second SIGINT ends troupe connect although the server does not answer", async () => {
  await using peer = await startPeer();
  const shown = Promise.withResolvers<void>();
  const { io, signal, result } = createIo({ input: openInput() });
  const writeOutput = () => {
    shown.resolve();
    return true;
  };
  const code = runCli(["connect", peer.url], { ...io, writeOutput });
  (await peer.asked())(true);
  const socket = await peer.connected;
  // It reads nothing, so it answers no close frame.
  socket.pause();
  socket.send("hello");
  await inDeadline("the first message", shown.promise);
  signal("SIGINT");
  signal("SIGINT");
  assertEquals(await inDeadline("the end", code, 3_000), 1);
  assertEquals(result(), { stdout: "", stderr: "" });
});
