import { assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { closeBody, OPCODE } from "../../src/testing/frames.ts";
import { SAMPLE_ACCEPT } from "../../src/testing/handshake.ts";
import { RawClient } from "../../src/testing/raw_client.ts";

function serveEcho(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    if (request.headers.get("upgrade") !== "websocket") {
      const body = new URL(request.url).pathname === "/stream"
        ? ReadableStream.from(["äb", "cd"]).pipeThrough(new TextEncoderStream())
        : "no upgrade: ä";
      return new Response(body, { status: 426, headers: { "x-why": "test" } });
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = (event) => socket.send(event.data);
    return response;
  });
}

Deno.test("RawClient echoes through a real server when the handshake is good", async () => {
  await using server = serveEcho();
  await using client = await RawClient.connect({ port: server.addr.port });
  const head = await client.handshake();
  assertEquals(head.status, 101);
  assertEquals(head.headers.get("sec-websocket-accept"), SAMPLE_ACCEPT);
  await client.sendSplit([{ opcode: OPCODE.text, payload: "häm" }], [1, 3, 7]);
  assertEquals(await client.readText(), "häm");
  await client.send({ opcode: OPCODE.close, payload: closeBody(1000, "bye") });
  assertEquals((await client.readClose()).code, 1000);
  assertEquals((await client.readEnd()).length, 0);
});

Deno.test("RawClient.readResponse() reads bodies of declared length and in chunks", async () => {
  await using server = serveEcho();
  await using client = await RawClient.connect({ port: server.addr.port });
  await client.request({ headers: { upgrade: null, connection: null } });
  const plain = await client.readResponse();
  assertEquals([plain.status, plain.headers.get("x-why")], [426, "test"]);
  assertEquals(plain.body, "no upgrade: ä");
  await client.request({ path: "/stream", headers: { upgrade: null, connection: null } });
  assertEquals((await client.readResponse()).body, "äbcd");
});

Deno.test("RawClient.open() throws the status when the upgrade is refused", async () => {
  await using server = serveEcho();
  const opening = RawClient.open({ port: server.addr.port, headers: { upgrade: null } });
  assertStringIncludes((await assertRejects(() => opening)).message, "status 426");
});

Deno.test("RawClient.readFrame() throws at its deadline when nothing arrives", async () => {
  await using server = serveEcho();
  await using client = await RawClient.open({ port: server.addr.port, timeoutMs: 50 });
  const error = await assertRejects(() => client.readFrame());
  assertStringIncludes(error.message, "Cannot read a frame: nothing for 50 ms");
});
