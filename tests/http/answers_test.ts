import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { handshakeRequest } from "../../src/testing/handshake.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import type { Server } from "../../src/server/mod.ts";
import { captureLogs, startServer } from "../server/stage.ts";
import { ROOT } from "../structure/source_tree.ts";

const ENGINES_PAGE = `${ROOT}/docs/engines.md`;

/** Headers that both listeners must agree on. */
const COMPARED = [
  "allow",
  "content-type",
  "content-length",
  "upgrade",
  "sec-websocket-version",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
  "retry-after",
];

interface Case {
  readonly request: string;
  readonly status: number;
  /** What Deno's own server answers instead, and the row of docs/engines.md that says so. */
  readonly native?: { readonly status: number; readonly listed: string };
  /** A part of the body. */
  readonly body?: string;
}

const plain = (line: string, ...headers: string[]) =>
  [line, "Host: a.example", ...headers, "", ""].join("\r\n");
const shake = (parts: Parameters<typeof handshakeRequest>[1] = {}) =>
  handshakeRequest("a.example", parts);

const CASES: Readonly<Record<string, Case>> = {
  "a route": { request: plain("GET /health/live HTTP/1.1"), status: 200, body: "live" },
  "a route over HTTP/1.0 without Host": {
    request: "GET /health/live HTTP/1.0\r\n\r\n",
    status: 200,
  },
  "a route over HTTP/1.1 without Host": {
    request: "GET /health/live HTTP/1.1\r\n\r\n",
    status: 400,
    native: { status: 200, listed: "HTTP/1.1 without a `Host`" },
  },
  "two Hosts": {
    request: plain("GET /health/live HTTP/1.1", "Host: b.example"),
    status: 400,
    native: { status: 400, listed: "what is no HTTP, as two `Host` headers" },
  },
  "a Host that moves the path": {
    request: "GET / HTTP/1.1\r\nHost: a/health/live?\r\n\r\n",
    status: 400,
  },
  "a whole URL as target": {
    request: plain("GET http://b.example/health/live HTTP/1.1"),
    status: 200,
  },
  "a fragment in the target": { request: plain("GET /health/live#x HTTP/1.1"), status: 400 },
  "HEAD of a route": { request: plain("HEAD /health/live HTTP/1.1"), status: 200 },
  "HEAD of a path that is nothing": { request: plain("HEAD /nowhere HTTP/1.1"), status: 404 },
  "HEAD of an endpoint": { request: plain("HEAD /ws HTTP/1.1"), status: 405 },
  "a path that is nothing": { request: plain("GET /nowhere HTTP/1.1"), status: 404 },
  "POST to a route": {
    request: plain("POST /health/live HTTP/1.1", "Content-Length: 0"),
    status: 405,
  },
  "OPTIONS of a route": { request: plain("OPTIONS /health/live HTTP/1.1"), status: 405 },
  "GET of an endpoint": { request: plain("GET /ws HTTP/1.1"), status: 426 },
  "a handshake": { request: shake(), status: 101 },
  "a handshake with POST": { request: shake({ method: "POST" }), status: 405 },
  "a handshake to a path that is nothing": { request: shake({ path: "/nowhere" }), status: 404 },
  "a handshake to a route": { request: shake({ path: "/health/live" }), status: 200 },
  "a handshake of version 8": {
    request: shake({ headers: { "Sec-WebSocket-Version": "8" } }),
    status: 426,
  },
  "a handshake without a key": {
    request: shake({ headers: { "Sec-WebSocket-Key": null } }),
    status: 400,
  },
  "a handshake with empty list elements": {
    request: shake({ headers: { Connection: ", ,Upgrade,", Upgrade: " ,websocket ," } }),
    status: 101,
  },
  "a handshake whose extensions cannot be negotiated": {
    request: shake({ headers: { "Sec-WebSocket-Extensions": "permessage-deflate; x=1" } }),
    status: 101,
  },
  "a handshake with a foreign origin": {
    request: shake({ headers: { Origin: "http://evil.example" } }),
    status: 403,
    body: "is not allowed",
  },
};

function start(engine: string): Promise<Server> {
  return startServer({
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["echo"], engine } },
  });
}

/** What is answered, as far as the listeners must agree. */
async function answerTo({ addr: { port } }: Server, { request, status: expected }: Case) {
  const isBodiless = request.startsWith("HEAD") || expected === 101;
  await using client = await RawClient.connect({ port });
  await client.write(request);
  const { status, headers, body } = isBodiless
    ? { ...await client.readHead(), body: "" }
    : await client.readResponse();
  const compared = COMPARED.map((name) => `${name}: ${headers.get(name)?.toLowerCase()}`);
  return { status, body, compared };
}

for (const [what, each] of Object.entries(CASES)) {
  Deno.test(`both listeners answer alike: ${what}`, async () => {
    await using logs = captureLogs("warning");
    const answers: unknown[] = [];
    for (const engine of ["ws", "native"] as const) {
      await using server = await start(engine);
      const { native } = each;
      const answer = await answerTo(server, each);
      const status = engine === "native" && native !== undefined ? native.status : each.status;
      assertEquals(answer.status, status, engine);
      if (each.body !== undefined) assertStringIncludes(answer.body, each.body);
      if (native === undefined) answers.push(answer);
      else {
        assertStringIncludes(await Deno.readTextFile(ENGINES_PAGE), `| ${native.listed}`);
      }
    }
    if (answers.length === 2) assertEquals(answers[1], answers[0]);
    assertEquals(logs.lines, []);
  });
}

for (const engine of ["ws", "native"]) {
  Deno.test(`engine ${engine}: an upgrade is answered after the requests before it`, async () => {
    await using server = await start(engine);
    for (const first of ["/health/live", "/", "/nowhere", "/ws"]) {
      await using client = await RawClient.connect({ port: server.addr.port });
      await client.write(plain(`GET ${first} HTTP/1.1`) + shake());
      const { status } = await client.readResponse();
      assertEquals([status, (await client.readHead()).status], [status, 101], first);
      assertEquals(status === 101, false);
    }
  });

  Deno.test(`engine ${engine}: TRACE and CONNECT end, upgrade or not`, async () => {
    await using server = await start(engine);
    for (const method of ["TRACE", "CONNECT"]) {
      for (const request of [plain(`${method} /ws HTTP/1.1`), shake({ method })]) {
        await using client = await RawClient.connect({ port: server.addr.port });
        await client.write(request);
        const status = await client.readHead().then(({ status }) => status, () => "ended");
        assertEquals([400, 405, 501, "ended"].includes(status), true, `${method}: ${status}`);
      }
    }
  });
}
