import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { createConnection, DialRefusedError } from "../../../src/websocket/mod.ts";
import { assertEquals, assertRejects } from "../../helpers/assert.ts";

const TESTDATA = new URL("../../http/testdata/", import.meta.url);
const read = (name: string) => Deno.readTextFileSync(new URL(`${name}.pem`, TESTDATA));

/** A server whose certificate signs itself. */
async function listenTls() {
  const http = createServer({ cert: read("first.cert"), key: read("first.key") });
  const server = new WebSocketServer({ server: http });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `wss://localhost:${(http.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

Deno.test("createConnection() trusts ca and no other, or whoever answers", async () => {
  await using server = await listenTls();
  for (const trust of [{ ca: read("first.cert") }, { rejectUnauthorized: false }]) {
    const connection = await createConnection({ url: server.url, ...trust });
    assertEquals(connection.protocol, "");
    connection.terminate("normal");
  }
  for (const trust of [{}, { ca: read("second.cert") }, { rejectUnauthorized: true }]) {
    await assertRejects(
      () => createConnection({ url: server.url, ...trust }),
      DialRefusedError,
      "self-signed certificate",
    );
  }
});
