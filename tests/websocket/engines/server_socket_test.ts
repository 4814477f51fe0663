import { closeBody, encodeFrames, OPCODE } from "../../../src/testing/frames.ts";
import type { Frame } from "../../../src/websocket/socket.ts";
import { assertEquals } from "../../helpers/assert.ts";
import { connectWs } from "../ws_stage.ts";

const { text, binary, ping, close } = OPCODE;

Deno.test("bytes that were received stay as they are, whatever comes after them", async () => {
  await using ends = await connectWs({ maxMessageBytes: 100_000 });
  const { socket, client } = ends;
  const sizes = [10, 20_000, 40_000, 70_000, 200, 65_000];
  const kept: Frame[] = [];
  const all = Promise.withResolvers<void>();
  socket.frames.handTo({
    takeFrame(frame) {
      if (kept.push(frame) === 30) all.resolve();
      return undefined;
    },
    readingEnded: () => all.resolve(),
  });
  for (let n = 0; n < 30; n++) {
    const payload = new Uint8Array(sizes[n % sizes.length]!).fill(n);
    await client.send({ opcode: binary, payload });
  }
  await all.promise;
  assertEquals(kept.length, 30);
  for (const [n, { body }] of kept.entries()) {
    assertEquals(body.length, sizes[n % sizes.length]);
    assertEquals((body as Uint8Array).every((byte) => byte === n), true, `message ${n}`);
  }
});

Deno.test("what came before the connection broke is read when reading goes on", async () => {
  await using ends = await connectWs();
  const { socket, client } = ends;
  socket.pause!();
  await client.send({ opcode: text, payload: "before" }, { opcode: ping, payload: "p" });
  // The system has taken it; the server has not been read from.
  client.close();
  const bodies: unknown[] = [];
  socket.resume!();
  for await (const { type, body } of socket) bodies.push(type === text ? body : type);
  assertEquals(bodies, ["before", ping]);
  assertEquals(socket.closeInfo?.code, 1006);
});

Deno.test("a peer that sends on after its close frame is heard no more, and the end comes", async () => {
  await using ends = await connectWs({ closeTimeoutMs: 5_000 });
  const { socket, client } = ends;
  const late = Array(1_000).fill({ opcode: binary, payload: new Uint8Array(1_000) });
  await client.write(encodeFrames([{ opcode: close, payload: closeBody(4321) }, ...late]));
  assertEquals(await Array.fromAsync(socket), []);
  assertEquals(socket.closeInfo?.code, 4321);
  assertEquals((await client.readClose()).code, 4321);
  assertEquals((await client.readEnd()).length, 0);
});

Deno.test("send() after the close frame sends nothing, also for who closes for a violation", async () => {
  await using ends = await connectWs();
  const { socket, client } = ends;
  await client.send({ opcode: 3 });
  assertEquals(await Array.fromAsync(socket), []);
  assertEquals(socket.closeInfo?.code, 1002);
  assertEquals(socket.send(text, "late"), false);
  assertEquals((await client.readClose()).code, 1002);
  assertEquals((await client.readEnd()).length, 0);
});
