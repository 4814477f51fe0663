import { parseConfig } from "../../src/config/mod.ts";
import { ServerStartError } from "../../src/http/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ask, captureLogs, open, startServer, statusOf } from "./stage.ts";

Deno.test("serve() echoes text and binary", async () => {
  await using server = await startServer();
  await using client = await open(server);
  assertEquals(await ask(client, "hello"), "hello");
  const payload = new Uint8Array([0, 255, 10]);
  await client.send({ opcode: OPCODE.binary, payload });
  const frame = await client.readFrame();
  assertEquals([frame?.opcode, frame?.payload], [OPCODE.binary, payload]);
});

Deno.test("serve() introduces connections that ask for it, and gives them to the pool in turn", async () => {
  await using server = await startServer();
  const processes: string[] = [];
  for (let i = 0; i < 4; i++) {
    await using client = await open(server, "/ws?introduce");
    const { connected } = JSON.parse(await client.readText());
    assertStringIncludes(connected.id, "Alias#<troupe@localhost/");
    processes.push(connected.process);
  }
  assertEquals(processes, ["echo_1", "echo_2", "echo_3", "echo_1"]);
});

Deno.test("serve() sends no introduction to connections that do not ask", async () => {
  await using server = await startServer();
  await using client = await open(server, "/ws?other=introduce");
  assertEquals(await ask(client, "first"), "first");
});

Deno.test("serve() serves the page, health and 404 on one listener", async () => {
  await using server = await startServer();
  const url = `http://127.0.0.1:${server.addr.port}`;
  const page = await fetch(`${url}/`);
  assertStringIncludes(page.headers.get("content-type") ?? "", "text/html");
  assertStringIncludes(await page.text(), "<html");
  const head = await fetch(`${url}/`, { method: "HEAD" });
  assert(Number(head.headers.get("content-length")) > 100);
  for (const [path, status] of [["/health/live", 200], ["/health/ready", 200], ["/no", 404]]) {
    const response = await fetch(`${url}${path}`);
    await response.body?.cancel();
    assertEquals(response.status, status);
  }
});

Deno.test("serve() logs what listens where", async () => {
  await using logs = captureLogs();
  await using server = await startServer({ node: { name: "a@b" } });
  const { url, addr, port, hostname, node } = await logs.find("Listening on");
  assertEquals([addr, port], [`127.0.0.1:${server.addr.port}`, server.addr.port]);
  assertEquals([hostname, node, url], ["127.0.0.1", "a@b", `http://${addr}/`]);
  const endpoint = await logs.find("Endpoint /ws");
  assertEquals(endpoint.pool, ["echo_1", "echo_2", "echo_3"]);
  assertEquals(endpoint.engine, "native");
});

Deno.test("serve() on a port in use rejects with one line and leaves nothing behind", async () => {
  await using server = await startServer();
  const { port } = server.addr;
  const error = await assertRejects(
    () => startServer({ listen: { port } }),
    ServerStartError,
  );
  assertEquals(
    error.message,
    `Cannot listen on 127.0.0.1:${port}: the port is in use, expected a free one`,
  );
  await using client = await open(server);
  assertEquals(await ask(client, "still here"), "still here");
});

Deno.test("serve() on an address of another machine rejects with one line", async () => {
  const error = await assertRejects(
    () => startServer({ listen: { hostname: "203.0.113.1", port: 0 } }),
    ServerStartError,
  );
  assertStringIncludes(error.message, "Cannot listen on 203.0.113.1:0: ");
  assertEquals(error.message.includes("\n"), false);
});

Deno.test("drain() closes connections with 1001, refuses new ones, and finishes", async () => {
  await using server = await startServer();
  await using client = await open(server);
  assertEquals(server.state, "ready");
  // The peer answers the closing handshake only after it has been refused elsewhere.
  const drained = server.drain();
  assertEquals(server.state, "draining");
  const close = await client.readClose();
  assertEquals(close.code, 1001);
  assertEquals(await statusOf(server, "/ws"), 503);
  assertEquals(await statusOf(server, "/health/ready"), 503);
  await client.send({ opcode: OPCODE.close, payload: new Uint8Array([3, 233]) });
  await drained;
  await server.finished;
  assertEquals(server.state, "stopped");
  await assertRejects(() => RawClient.connect({ port: server.addr.port }));
});

Deno.test("drain() says not ready during the delay and still serves", async () => {
  await using server = await startServer();
  await using client = await open(server);
  const drained = server.drain({ delayMs: 100 });
  assertEquals(await statusOf(server, "/health/ready"), 503);
  assertEquals(await ask(client, "during the delay"), "during the delay");
  assertEquals((await client.readClose()).code, 1001);
  await client.send({ opcode: OPCODE.close, payload: new Uint8Array([3, 233]) });
  await drained;
});

Deno.test("drain() ends although a peer never answers the closing handshake", async () => {
  await using logs = captureLogs();
  const server = await startServer();
  await using client = await open(server);
  await server.drain({ timeoutMs: 300 });
  assertEquals((await client.readClose()).code, 1001);
  await logs.find("Stopped");
});

Deno.test("drain() called twice is one drain", async () => {
  await using server = await startServer();
  assertEquals(server.drain(), server.drain({ delayMs: 60_000 }));
  await server.finished;
});

Deno.test("reconfigure() applies nothing of what waits for the next start, and nothing if one fails", async () => {
  await using server = await startServer();
  const processes = { echo: { behavior: "echo", instances: 3 } };
  const pool = ["echo_1", "echo_2", "echo_3"];
  const withEndpoint = (endpoint: object) =>
    parseConfig({ processes, endpoints: { "/ws": { pool, ...endpoint } } });
  const rateLimit = { messagesPerSecond: 1, burst: 1 };
  await server.reconfigure(withEndpoint({ rateLimit, maxConnections: 1 }));
  await using client = await open(server);
  // With the limit `auto` would stand for another engine.
  for (const text of ["a", "b", "c", "d"]) assertEquals(await ask(client, text), text);
  assertEquals(await statusOf(server, "/ws"), 503);
  const wrong = withEndpoint({ maxConnections: 9 });
  const { "/ws": endpoint } = wrong.endpoints;
  const bad = { ...wrong, endpoints: { "/ws": { ...endpoint!, maxMessageBytes: 0 } } };
  await assertRejects(() => server.reconfigure(bad), RangeError, "maxMessageBytes is 0");
  assertEquals(await statusOf(server, "/ws"), 503);
});

Deno.test("reconfigure() called again and again ends with the last, in order", async () => {
  await using server = await startServer();
  const processes = { echo: { behavior: "echo", instances: 3 } };
  const pool = ["echo_1", "echo_2", "echo_3"];
  const done: number[] = [];
  await Promise.all([1, 2, 3].map(async (maxConnections) => {
    await server.reconfigure(
      parseConfig({ processes, endpoints: { "/ws": { pool, maxConnections } } }),
    );
    done.push(maxConnections);
  }));
  assertEquals(done, [1, 2, 3]);
  await using _one = await open(server);
  await using _two = await open(server);
  await using _three = await open(server);
  assertEquals(await statusOf(server, "/ws"), 503);
});

Deno.test("reconfigure() takes over origins and limits for new connections", async () => {
  await using server = await startServer();
  const { port } = server.addr;
  const status = async (origin: string) => {
    await using client = await RawClient.connect({ port });
    return (await client.handshake({ path: "/ws", headers: { origin } })).status;
  };
  assertEquals(await status("https://a.example"), 403);
  const pool = ["echo_1", "echo_2", "echo_3"];
  const processes = { echo: { behavior: "echo", instances: 3 } };
  server.reconfigure(parseConfig({
    processes,
    endpoints: { "/ws": { pool, origins: ["https://a.example"], maxConnections: 1 } },
  }));
  assertEquals(await status("https://a.example"), 101);
});
