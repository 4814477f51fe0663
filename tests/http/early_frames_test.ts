import { join } from "node:path";
import { assertEquals } from "../helpers/assert.ts";
import { encodeFrames, OPCODE } from "../../src/testing/frames.ts";
import { handshakeRequest } from "../../src/testing/handshake.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ask, open, startServer, temporaryFiles } from "../server/stage.ts";
import { ROOT } from "../structure/source_tree.ts";

const CLIENTS = 500;
const AT_A_TIME = 25;

function rootWith(engine: string) {
  return {
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["echo"], engine } },
  };
}

function textFrame(payload: string): Uint8Array {
  return encodeFrames([{ opcode: OPCODE.text, payload }]);
}

/** Sends its first frame in one packet with the last byte of its handshake. */
async function sendWithLastByte(port: number, text: string): Promise<string> {
  await using client = await RawClient.connect({ port });
  const request = new TextEncoder().encode(handshakeRequest(`127.0.0.1:${port}`));
  await client.write(request.subarray(0, -1));
  await client.write(new Uint8Array([...request.subarray(-1), ...textFrame(text)]));
  assertEquals((await client.readHead()).status, 101);
  return await client.readText();
}

/** Sends its first frame as soon as it has read the 101. */
async function sendAfterAnswer(port: number, text: string): Promise<string> {
  await using client = await RawClient.connect({ port });
  assertEquals((await client.handshake()).status, 101);
  await client.write(textFrame(text));
  return await client.readText();
}

for (const engine of ["native", "ws"]) {
  for (
    const [when, send] of [
      ["with the last byte of the handshake", sendWithLastByte],
      ["at once after the 101", sendAfterAnswer],
    ] as const
  ) {
    Deno.test(`engine ${engine}: what ${CLIENTS} clients send ${when} is answered`, async () => {
      await using server = await startServer(rootWith(engine));
      const { port } = server.addr;
      for (let done = 0; done < CLIENTS; done += AT_A_TIME) {
        const texts = Array.from({ length: AT_A_TIME }, (_, index) => `client ${done + index}`);
        assertEquals(await Promise.all(texts.map((text) => send(port, text))), texts);
      }
    });
  }

  Deno.test(`engine ${engine}: 300 connections one after the other fit into 200 descriptors`, async () => {
    await using files = await temporaryFiles({
      "troupe.json": JSON.stringify({ listen: { port: 0 }, ...rootWith(engine) }),
    });
    const command = `ulimit -n 200 && exec "$0" run -A "$1" serve -c "$2"`;
    const file = join(files.path, "troupe.json");
    const args = ["-c", command, Deno.execPath(), join(ROOT, "main.ts"), file];
    await using program = new Program({ executable: "sh", args });
    const port = await program.port();
    for (let count = 0; count < 300; count++) {
      await using client = await RawClient.open({ port });
      assertEquals(await ask(client, `hello ${count}`), `hello ${count}`);
    }
    await using last = await RawClient.open({ port });
    assertEquals(await ask(last, "still here"), "still here");
  });
}

Deno.test("an idle connection is kept for listen.keepAliveTimeout", async () => {
  await using server = await startServer({
    listen: { hostname: "127.0.0.1", port: 0, keepAliveTimeout: "50ms" },
    ...rootWith("ws"),
  });
  await using client = await RawClient.connect({ port: server.addr.port });
  await client.write("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
  const { status, headers } = await client.readResponse();
  assertEquals([status, headers.has("keep-alive")], [200, true]);
  // It ends by itself, without an answer to anything.
  assertEquals(await client.readFrame(), undefined);
  await using other = await open(server);
  assertEquals(await ask(other, "hello"), "hello");
});
