import { pathOf, planDeadlines } from "../../src/http/listener_node.ts";
import { ServerStartError } from "../../src/http/mod.ts";
import type { Server } from "../../src/server/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ask, captureLogs, open, startServer, statusOf, temporaryFiles } from "../server/stage.ts";

/** A server whose endpoints are carried by `node:http`. */
function startWs(
  endpoint: Record<string, unknown> = {},
  root: Record<string, unknown> = {},
): Promise<Server> {
  return startServer({
    processes: { echo: { behavior: "echo" } },
    endpoints: {
      "/ws": { pool: ["echo"], engine: "ws", ...endpoint },
      "/auto": { pool: ["echo"] },
    },
    ...root,
  });
}

async function plain(server: Server, text: string) {
  await using client = await RawClient.connect({ port: server.addr.port });
  await client.write(text);
  return await client.readResponse();
}

const headers = (count: number) =>
  Array.from({ length: count }, (_, index) => `X-${index}: 1\r\n`).join("");

Deno.test("serve() gives all endpoints of a listener one engine, and logs why", async () => {
  await using logs = captureLogs();
  await using server = await startWs();
  for (const path of ["/ws", "/auto"]) {
    await using client = await open(server, path);
    assertEquals(await ask(client, `hello ${path}`), `hello ${path}`);
    assertEquals((await logs.find(`Endpoint ${path}`)).engine, "ws");
  }
  const { reason } = await logs.find("Endpoint /auto");
  assertEquals(reason, "since /ws has it: as configured");
});

Deno.test("serve() with engine ws serves page, health, HEAD, 304, 404, 405 and 426", async () => {
  await using server = await startWs();
  const url = `http://127.0.0.1:${server.addr.port}`;
  const page = await fetch(`${url}/`);
  assertStringIncludes(page.headers.get("content-type") ?? "", "text/html");
  const length = new TextEncoder().encode(await page.text()).length;
  assertEquals(page.headers.get("content-length"), String(length));
  const head = await fetch(`${url}/`, { method: "HEAD" });
  assertEquals([head.headers.get("content-length"), await head.text()], [String(length), ""]);
  const etag = page.headers.get("etag")!;
  const known = await fetch(`${url}/`, { headers: { "if-none-match": etag } });
  assertEquals([known.status, await known.text()], [304, ""]);
  const cases = [["/health/live", 200], ["/health/ready", 200], ["/no", 404], [
    "/ws",
    426,
  ]] as const;
  for (const [path, status] of cases) {
    const response = await fetch(url + path);
    await response.body?.cancel();
    assertEquals(response.status, status, path);
  }
  const post = await fetch(`${url}/health/live`, { method: "POST", body: "x" });
  assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  assertEquals(post.headers.get("connection"), "close");
  await post.body?.cancel();
});

Deno.test("serve() answers an upgrade on a path that is no endpoint as it answers a request", async () => {
  await using server = await startWs();
  assertEquals(await statusOf(server, "/no"), 404);
  assertEquals(await statusOf(server, "/health/live"), 200);
  assertEquals(await statusOf(server, "/ws?x=1"), 101);
  assertEquals(await statusOf(server, `http://127.0.0.1:${server.addr.port}/ws`), 101);
  assertEquals(await statusOf(server, "//ws"), 404);
});

Deno.test("serve() gives up who keeps his half open after an upgrade on a path that is no endpoint", async () => {
  await using server = await startWs();
  await using client = await RawClient.connect({ port: server.addr.port });
  await client.write(
    "GET /no HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  assertEquals((await client.readResponse()).status, 404);
  await client.readEnd();
  // Where nobody reads any more the system says so; where somebody might, it takes them all.
  await assertRejects(async () => {
    for (let i = 0; i < 10_000; i++) await client.write("x");
  });
});

Deno.test("serve() takes an upgrade to one of several protocols where WebSocket is among them", async () => {
  await using server = await startWs();
  for (const path of ["/ws", "/auto"]) {
    for (const upgrade of ["websocket, h2c", "h2c,WebSocket"]) {
      await using client = await RawClient.connect({ port: server.addr.port });
      await client.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n` +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      );
      const { status } = await client.readHead();
      assertEquals([path, upgrade, status], [path, upgrade, 101]);
    }
  }
});

Deno.test("serve() leaves out an upgrade to anything but WebSocket", async () => {
  await using server = await startWs();
  const { status, headers } = await plain(
    server,
    "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n" +
      "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
  );
  // An upgrade that is answered plainly ends the connection; this is none.
  assertEquals([status, headers.get("connection")], [200, "keep-alive"]);
});

Deno.test("serve() answers 400 to a Host that is none, and goes on", async () => {
  await using logs = captureLogs();
  await using server = await startWs();
  const { status } = await plain(server, "GET / HTTP/1.1\r\nHost: a b/<>\r\n\r\n");
  assertEquals(status, 400);
  assertEquals(await statusOf(server, "/health/live"), 200);
  assertEquals(logs.lines.filter(({ level }) => level === "error"), []);
});

Deno.test("serve() answers 408 to a header drip within handshakeTimeout", async () => {
  await using server = await startWs({ handshakeTimeout: "300ms" }, {
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["echo"], engine: "ws", handshakeTimeout: "300ms" } },
  });
  await using client = await RawClient.connect({ port: server.addr.port });
  const start = performance.now();
  await client.write("GET /ws HTTP/1.1\r\nHost: localhost\r\n");
  let isOpen = true;
  const drip = (async () => {
    while (isOpen) {
      await client.write("X-Drip: 1\r\n").catch(() => isOpen = false);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const { status } = await client.readHead();
  isOpen = false;
  assertEquals(status, 408);
  assert(
    performance.now() - start < 5_000,
    "a third of the default of handshakeTimeout has passed",
  );
  await drip;
});

Deno.test("serve() closes a connection on which nothing comes within handshakeTimeout", async () => {
  await using server = await startWs({}, {
    endpoints: { "/ws": { pool: ["echo"], engine: "ws", handshakeTimeout: "300ms" } },
  });
  await using client = await RawClient.connect({ port: server.addr.port });
  const start = performance.now();
  await client.readEnd();
  assert(
    performance.now() - start < 5_000,
    "a third of the default of handshakeTimeout has passed",
  );
});

Deno.test("serve() answers 431 to over 16 KiB or over 100 headers, of requests and upgrades", async () => {
  await using server = await startWs();
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const start = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n`;
  const cases: [string, number][] = [
    [`${start("/health/live")}${headers(99)}\r\n`, 200],
    [`${start("/health/live")}${headers(100)}\r\n`, 431],
    [`${start("/ws")}${upgrade}${headers(95)}\r\n`, 101],
    [`${start("/ws")}${upgrade}${headers(96)}\r\n`, 431],
    // One value in many headers is many headers too.
    [`${start("/ws")}${upgrade}${"Cookie: a=b\r\n".repeat(96)}\r\n`, 431],
    [`${start("/ws")}${upgrade}X-Long: ${"x".repeat(17_000)}\r\n\r\n`, 431],
    [`${start("/health/live")}X-Long: ${"x".repeat(17_000)}\r\n\r\n`, 431],
  ];
  for (const [text, status] of cases) {
    await using client = await RawClient.connect({ port: server.addr.port });
    await client.write(text);
    assertEquals((await client.readHead()).status, status, text.slice(0, 60));
  }
});

Deno.test("serve() outlives resets in mid-upgrade without a line in the log", async () => {
  await using logs = captureLogs("info");
  await using server = await startWs();
  for (let i = 0; i < 20; i++) {
    await using client = await RawClient.connect({ port: server.addr.port });
    await client.request({ path: i % 2 === 0 ? "/ws" : "/no" });
  }
  await using client = await open(server);
  assertEquals(await ask(client, "still here"), "still here");
  assertEquals(logs.lines.filter(({ level }) => level === "error" || level === "warning"), []);
});

Deno.test("serve() delivers a frame that came in one packet with the handshake", async () => {
  await using server = await startWs();
  for (const path of ["/ws", "/auto"]) {
    await using client = await RawClient.connect({ port: server.addr.port });
    await client.request({ path }, { opcode: OPCODE.text, payload: "at once" });
    assertEquals((await client.readHead()).status, 101);
    assertEquals(await client.readText(), "at once", path);
  }
});

Deno.test("serve() with engine ws on a port in use rejects with one line", async () => {
  await using server = await startWs();
  const { port } = server.addr;
  const error = await assertRejects(
    () => startWs({}, { listen: { hostname: "127.0.0.1", port } }),
    ServerStartError,
  );
  assertEquals(
    error.message,
    `Cannot listen on 127.0.0.1:${port}: the port is in use, expected a free one`,
  );
  await assertRejects(
    () => startWs({}, { listen: { hostname: "203.0.113.1", port: 0 } }),
    ServerStartError,
    "Cannot listen on 203.0.113.1:0: ",
  );
});

Deno.test("drain() with engine ws closes with 1001, refuses with 503, and finishes", async () => {
  await using server = await startWs();
  await using client = await open(server);
  // Neither of these keeps it: one is silent, one has half a request.
  await using silent = await RawClient.connect({ port: server.addr.port });
  await using half = await RawClient.connect({ port: server.addr.port });
  await half.write("GET / HTTP/1.1\r\n");
  const drained = server.drain({ timeoutMs: 4000 });
  assertEquals((await client.readClose()).code, 1001);
  assertEquals(await statusOf(server, "/ws"), 503);
  assertEquals(await statusOf(server, "/health/ready"), 503);
  await client.send({ opcode: OPCODE.close, payload: new Uint8Array([3, 233]) });
  await drained;
  assertEquals(server.state, "stopped");
  await silent.readEnd();
  await assertRejects(() => RawClient.connect({ port: server.addr.port }));
});

Deno.test("drain() with engine ws ends although a peer never answers the closing handshake", async () => {
  const server = await startWs();
  await using client = await open(server);
  await server.drain({ timeoutMs: 300 });
  assertEquals((await client.readClose()).code, 1001);
});

Deno.test("serve() takes the client's address from a listed proxy, for limits and connect", async () => {
  await using files = await temporaryFiles({
    "who.ts": `export default async function who(self: any): Promise<void> {
      for await (const { message } of self) {
        if (message.kind !== "connect") continue;
        self.send(message.id, { kind: "message", body: message.remoteAddr });
      }
    }`,
  });
  for (const engine of ["ws", "native"]) {
    await using server = await startServer({
      listen: { hostname: "127.0.0.1", port: 0, trustProxy: ["127.0.0.1"] },
      processes: { who: { module: "./who.ts" } },
      endpoints: { "/ws": { pool: ["who"], engine, maxConnectionsPerIp: 1 } },
    }, files.path);
    const { port } = server.addr;
    const proxied = (list: string) => ({ port, headers: { "X-Forwarded-For": list } });
    await using first = await RawClient.open(proxied("203.0.113.1"));
    await using second = await RawClient.open(proxied("6.6.6.6, 203.0.113.2"));
    assertEquals(await first.readText(), "203.0.113.1:0");
    assertEquals(await second.readText(), "203.0.113.2:0");
    await using third = await RawClient.connect({ port });
    const refused = await third.handshake(proxied("7.7.7.7, 203.0.113.1"));
    assertEquals(refused.status, 429, engine);
  }
});

Deno.test("planDeadlines() meets each deadline within the timeout", () => {
  for (const timeoutMs of [50, 300, 15_000, 600_000]) {
    const { deadlineMs, checkMs } = planDeadlines(timeoutMs);
    assertEquals(deadlineMs + checkMs, timeoutMs);
    assert(checkMs >= 20 && checkMs <= 1000);
  }
  assertEquals(planDeadlines(1).deadlineMs, 1);
});

Deno.test("pathOf() gives the path of each form of target", () => {
  assertEquals(pathOf("/ws?x=1"), "/ws");
  assertEquals(pathOf("//ws"), "//ws");
  assertEquals(pathOf("http://elsewhere/ws"), "/ws");
  assertEquals(pathOf("*"), "");
});
