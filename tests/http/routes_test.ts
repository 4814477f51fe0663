import { EndpointPaths } from "../../src/http/endpoint_paths.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { assertEquals } from "../helpers/assert.ts";

const ASSETS = new Map([["/", {
  body: "<p>hi",
  contentType: "text/html",
  headers: { "x-a": "b" },
}]]);

const INFO = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } } as const;

function routes(isReady = true) {
  const handler = { fetch: () => new Response("from the endpoint", { status: 426 }) };
  const answer = createRoutes({
    endpoints: new EndpointPaths([["/ws", handler]]),
    assets: ASSETS,
    isReady: () => isReady,
    readMetrics: () => Promise.resolve("# metrics\n"),
  });
  return async (path: string, init?: RequestInit) =>
    await answer(new Request(`http://localhost${path}`, init), INFO);
}

Deno.test("createRoutes() gives each path what answers it", async () => {
  const fetch = routes();
  const expected: [string, number][] = [
    ["/", 200],
    ["/?query", 200],
    ["/ws", 426],
    ["/ws?x=1", 426],
    ["/ws/", 404],
    ["/health/live", 200],
    ["/health/ready", 200],
    ["/nowhere", 404],
    ["/__proto__", 404],
  ];
  for (const [path, status] of expected) assertEquals((await fetch(path)).status, status, path);
});

Deno.test("createRoutes() is live and not ready while it drains", async () => {
  const fetch = routes(false);
  assertEquals((await fetch("/health/live")).status, 200);
  const ready = await fetch("/health/ready");
  assertEquals([ready.status, ready.headers.get("retry-after")], [503, "5"]);
});

Deno.test("createRoutes() refuses other methods with 405 and what is allowed", async () => {
  const fetch = routes();
  for (const path of ["/", "/health/live"]) {
    const response = await fetch(path, { method: "POST" });
    assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
  }
  assertEquals((await fetch("/nowhere", { method: "POST" })).status, 404);
});

Deno.test("createRoutes() answers 304 to a browser that has the file", async () => {
  const fetch = routes();
  const first = await fetch("/");
  assertEquals(await first.text(), "<p>hi");
  assertEquals([first.headers.get("content-type"), first.headers.get("x-a")], ["text/html", "b"]);
  const etag = first.headers.get("etag")!;
  const again = await fetch("/", { headers: { "if-none-match": `"other", ${etag}` } });
  assertEquals([again.status, await again.text()], [304, ""]);
  assertEquals((await fetch("/", { headers: { "if-none-match": '"other"' } })).status, 200);
});
