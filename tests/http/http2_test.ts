import { type ClientHttp2Session, connect } from "node:http2";
import { assertEquals } from "../helpers/assert.ts";
import { startServer } from "../server/stage.ts";

/** Status and body of one request. */
function ask(session: ClientHttp2Session, method: string, path: string) {
  return new Promise<{ status: unknown; body: string; length: unknown }>((resolve, reject) => {
    const stream = session.request({ ":method": method, ":path": path });
    let body = "";
    let head: Record<string, unknown> = {};
    stream.on("response", (headers) => head = headers);
    stream.on("data", (chunk) => body += chunk);
    stream.on("end", () => {
      resolve({ status: head[":status"], body, length: head["content-length"] });
    });
    stream.on("error", reject);
    stream.end();
  });
}

Deno.test("engine native answers over HTTP/2, which Deno.serve speaks, as over HTTP/1.1", async () => {
  await using server = await startServer({
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["echo"], engine: "native" } },
  });
  const session = connect(`http://127.0.0.1:${server.addr.port}`);
  try {
    assertEquals(await ask(session, "GET", "/health/live"), {
      status: 200,
      body: "live\n",
      length: "5",
    });
    assertEquals(await ask(session, "HEAD", "/health/live"), {
      status: 200,
      body: "",
      length: "5",
    });
    for (
      const [path, method, status] of [
        ["/nowhere", "GET", 404],
        ["/nowhere", "HEAD", 404],
        ["/health/live", "POST", 405],
        ["/ws", "GET", 426],
        ["/ws", "HEAD", 405],
        ["/", "GET", 200],
      ] as const
    ) {
      assertEquals((await ask(session, method, path)).status, status, `${method} ${path}`);
    }
  } finally {
    await new Promise<void>((resolve) => session.close(() => resolve()));
  }
});
