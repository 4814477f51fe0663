import type { Server } from "../../src/server/mod.ts";
import { assertEquals } from "../helpers/assert.ts";
import { handshakeRequest } from "../../src/testing/handshake.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { captureLogs, startServer } from "../server/stage.ts";

/** A server whose listener is that of the engine. */
function start(engine: string): Promise<Server> {
  return startServer({
    listen: { hostname: "127.0.0.1", port: 0, hosts: ["b.example"] },
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["echo"], engine } },
  });
}

async function ask({ addr: { port } }: Server, request: string) {
  await using client = await RawClient.connect({ port });
  await client.write(request);
  return await client.readResponse();
}

/** Head of an answer and what is sent after it until the connection ends. */
async function askForAll({ addr: { port } }: Server, request: string) {
  await using client = await RawClient.connect({ port });
  await client.write(request);
  const head = await client.readHead();
  return { ...head, rest: new TextDecoder().decode(await client.readEnd()) };
}

const get = (target: string, ...lines: string[]) =>
  [`GET ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");

const HOSTS = ["a b", "[::1", ":80", "a:99999", "%00", "a/../b", "a/b?c#", "u@a", "u:p@a", "a,b"];

for (const engine of ["native", "ws"]) {
  Deno.test(`serve() with engine ${engine} answers 400 to a Host that is none, whatever the path`, async () => {
    await using logs = captureLogs();
    await using server = await start(engine);
    for (const host of HOSTS) {
      const wrong = `Cannot answer: got Host ${JSON.stringify(host)}, expected one host\n`;
      for (const path of ["/health/live", "/nowhere", "/ws"]) {
        const { status, body } = await ask(server, get(path, `Host: ${host}`));
        assertEquals([status, body], [400, wrong], path);
        const upgrade = await ask(server, handshakeRequest(host, { path }));
        assertEquals([upgrade.status, upgrade.body], [400, wrong], `upgrade to ${path}`);
      }
    }
    const twice = await ask(server, get("/health/live", "Host: a", "Host: a"));
    assertEquals(twice.status, 400);
    assertEquals(logs.lines.filter(({ level }) => level === "error"), []);
  });

  Deno.test(`serve() with engine ${engine} answers health checks over HTTP/1.0 without a Host`, async () => {
    await using server = await start(engine);
    for (const path of ["/", "/health/live", "/health/ready", "/metrics", "/troupe.js"]) {
      for (const method of ["GET", "HEAD"]) {
        const { status } = await askForAll(server, `${method} ${path} HTTP/1.0\r\n\r\n`);
        assertEquals(status, 200, path);
      }
    }
  });

  Deno.test(`serve() with engine ${engine} reads a whole URL as target, and none with a fragment`, async () => {
    await using server = await start(engine);
    const cases: [target: string, status: number, origin?: string][] = [
      ["http://b.example/health/live", 200],
      ["HTTP://b.example:81/health/live?x", 200],
      ["http://b.example", 200],
      ["http://b.example/nowhere", 404],
      ["/health/live#x", 400],
      ["http://b.example/health/live#", 400],
      ["ftp://b.example/health/live", 400],
      ["http://u:p@b.example/health/live", 400],
      ["/health\\live", 400],
      // The host of the target is what an origin is compared with (RFC 9112, section 3.2.2).
      ["http://b.example/ws", 101, "http://b.example"],
      ["http://b.example/ws", 403, "http://a.example"],
      ["/ws#x", 400, "http://a.example"],
    ];
    for (const [target, status, origin] of cases) {
      const request = origin === undefined
        ? get(target, "Host: a.example")
        : handshakeRequest("a.example", { path: target, headers: { Origin: origin } });
      await using client = await RawClient.connect({ port: server.addr.port });
      await client.write(request);
      assertEquals((await client.readHead()).status, status, `${target} of ${origin}`);
    }
  });

  Deno.test(`serve() with engine ${engine} sends files with a tag, and 304 to who has them`, async () => {
    await using server = await start(engine);
    for (const path of ["/", "/troupe.js", "/troupe.d.ts"]) {
      const { headers } = await ask(server, get(path, "Host: a"));
      const etag = headers.get("etag")!;
      for (const known of [etag, `W/${etag}`, `"x",,\t${etag} ,`, "*"]) {
        for (const method of ["GET", "HEAD"]) {
          const lines = ["Host: a", "Connection: close", `If-None-Match: ${known}`];
          const request = get(path, ...lines).replace("GET", method);
          const answer = await askForAll(server, request);
          assertEquals([answer.status, answer.rest], [304, ""], known);
          for (const name of ["etag", "cache-control", "content-security-policy"]) {
            assertEquals(answer.headers.get(name), headers.get(name), name);
          }
        }
      }
      const failed = await ask(server, get(path, "Host: a", 'If-Match: "x"'));
      assertEquals(failed.status, 412);
    }
  });

  Deno.test(`serve() with engine ${engine} sends no body to HEAD, whatever the answer`, async () => {
    await using server = await start(engine);
    const head = (path: string, host = "a") =>
      get(path, `Host: ${host}`, "Connection: close").replace("GET", "HEAD");
    const requests: [request: string, status: number][] = [
      [head("/"), 200],
      [head("/health/live"), 200],
      [head("/metrics"), 200],
      [head("/nowhere"), 404],
      [head("/ws"), 405],
      [head("/", "a b"), 400],
      ...["/ws", "/nowhere"].map((path): [string, number] => [
        handshakeRequest("a", {
          method: "HEAD",
          path,
          headers: { Connection: "Upgrade, close" },
        }),
        path === "/ws" ? 405 : 404,
      ]),
    ];
    for (const [request, status] of requests) {
      const answer = await askForAll(server, request);
      assertEquals([answer.status, answer.rest], [status, ""], request);
    }
  });

  Deno.test(`serve() with engine ${engine} says to OPTIONS what is allowed`, async () => {
    await using server = await start(engine);
    const options = (target: string) =>
      get(target, "Host: a", "Connection: close").replace("GET", "OPTIONS");
    const all = await askForAll(server, options("*"));
    assertEquals([all.status, all.headers.get("allow"), all.rest], [204, "GET, HEAD", ""]);
    for (const [path, allow] of [["/", "GET, HEAD"], ["/metrics", "GET, HEAD"], ["/ws", "GET"]]) {
      const answer = await ask(server, options(path!));
      assertEquals([answer.status, answer.headers.get("allow")], [405, allow]);
    }
  });
}
