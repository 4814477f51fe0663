import { API_ROUTES } from "../../src/api/mod.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";
import { parseConfig } from "../../src/config/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";
import { RawClient } from "../../src/testing/mod.ts";
import { askApi, startApi, TOKENS } from "./stage.ts";

Deno.test("each route is refused without the token of its scope, and the answer names the scope", async () => {
  await using stage = await startApi();
  const scopes = ["read", "send", "publish"] as const;
  for (const { method, example: { path, body }, scope } of API_ROUTES) {
    if (scope === "none") continue;
    for (const holder of scopes.filter((each) => each !== scope)) {
      const got = await stage.ask(method, path, { body, token: TOKENS[holder] });
      assertEquals([got.status, path], [403, path]);
      assertStringIncludes(got.body.detail, `scope ${scope}`);
      assertStringIncludes(got.headers.get("www-authenticate") ?? "", `scope="${scope}"`);
    }
    if (scope === "admin") continue;
    const got = await stage.ask(method, path, { body, token: TOKENS[scope] });
    assert(got.status !== 403 && got.status !== 401, `${method} ${path} is ${got.status}`);
  }
});

Deno.test("without a token, and with a bad one, everything is 401", async () => {
  await using stage = await startApi();
  for (const path of ["/topics", "/openapi.json", "/nowhere", "", "/actors/x/send"]) {
    const missing = await stage.ask("GET", path, { headers: { authorization: "" } });
    assertEquals([missing.status, missing.headers.get("www-authenticate")], [
      401,
      'Bearer realm="troupe"',
    ]);
  }
  for (const header of ["Bearer wrong", "Basic YTpi", "Bearer", `Bearer ${TOKENS.admin}x`]) {
    const bad = await stage.ask("GET", "/topics", { headers: { authorization: header } });
    assertEquals(bad.status, 401);
    assertStringIncludes(bad.headers.get("www-authenticate")!, 'error="invalid_token"');
  }
});

Deno.test("404, 405 with Allow, HEAD, 413, 415 and 400 are told in problem details", async () => {
  await using stage = await startApi();
  const { base } = stage;
  const authorization = `Bearer ${TOKENS.admin}`;
  const post = (path: string, body: BodyInit, type = "application/json") =>
    fetch(`${base}${path}`, {
      method: "POST",
      headers: { authorization, "content-type": type },
      body,
    });
  assertEquals((await stage.ask("GET", "/nowhere")).status, 404);
  const method = await stage.ask("PUT", "/topics");
  assertEquals([method.status, method.headers.get("allow")], [405, "GET, HEAD"]);
  assertEquals(
    (await stage.ask("OPTIONS", "/actors/echo")).headers.get("allow"),
    "DELETE, GET, HEAD",
  );
  const head = await fetch(`${base}/topics`, { method: "HEAD", headers: { authorization } });
  assertEquals([head.status, await head.text()], [200, ""]);
  const path = "/actors/echo/send";
  for (
    const [body, type, status] of [
      [`{"message":"${"x".repeat(1_048_577)}"}`, "application/json", 413],
      ["message=1", "application/x-www-form-urlencoded", 415],
      ['{"message":1}', "text/plain", 415],
      ['{"message":', "application/json", 400],
      ['{"__proto__":1}', "application/json", 400],
      [`${"[".repeat(300)}${"]".repeat(300)}`, "application/json", 400],
      [new Uint8Array([0x22, 0xff, 0x22]), "application/json", 400],
      ["", "application/json", 422],
    ] as const
  ) {
    const response = await post(path, body, type);
    assertEquals(response.headers.get("content-type"), "application/problem+json");
    assertEquals([(await response.json()).status, response.status], [status, status]);
  }
  assertEquals((await stage.ask("GET", "/actors/%FF")).status, 400);
});

Deno.test("a page of another origin, and one whose name was made to resolve here, are refused", async () => {
  await using stage = await startApi();
  const own = new URL(stage.base).origin;
  const statusOf = async (headers: Readonly<Record<string, string>>) => {
    await using client = await RawClient.connect({ port: stage.server.addr.port });
    const lines = Object.entries({
      host: `127.0.0.1:${stage.server.addr.port}`,
      authorization: `Bearer ${TOKENS.admin}`,
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    await client.write(`GET /api/v1/topics HTTP/1.1\r\n${lines.join("")}\r\n`);
    const { status, headers: got } = await client.readResponse();
    assertEquals(got.get("access-control-allow-origin"), null);
    return status;
  };
  assertEquals(await statusOf({ origin: own }), 200);
  assertEquals(await statusOf({ host: "localhost:1" }), 200);
  assertEquals(await statusOf({ origin: "http://evil.example" }), 403);
  assertEquals(await statusOf({ origin: "null" }), 403);
  assertEquals(await statusOf({ origin: "http://127.0.0.1:1" }), 403);
  assertEquals(await statusOf({ "sec-fetch-site": "cross-site" }), 403);
  assertEquals(await statusOf({ host: "evil.example" }), 421);
  assertEquals(await statusOf({ host: "evil.example", origin: "http://evil.example" }), 421);
});

Deno.test("without configured tokens one is made at each start and logged once", async () => {
  const capture = new LogCapture();
  const logs = configureLogs({ level: "info", format: "json", write: capture.write });
  const made = new Set<string>();
  for (let start = 0; start < 2; start++) {
    await using server = await serve(parseConfig({ listen: { port: 0 } }));
    const lines = logs.lines(0, 500).filter(({ text }) => text.includes("with the token "));
    const token = lines.at(-1)!.text.split("with the token ")[1]!;
    assertEquals([lines.length, token.length], [start + 1, 43]);
    made.add(token);
    const base = `http://127.0.0.1:${server.addr.port}/api/v1`;
    assertEquals((await askApi(base, "GET", "/topics", { token })).status, 200);
    assertEquals((await askApi(base, "GET", "/topics")).status, 401);
  }
  assertEquals(made.size, 2);
  await logs[Symbol.asyncDispose]();
});

Deno.test("admin.port opens a listener of its own, with health and metrics, and the main one has none", async () => {
  await using stage = await startApi({
    admin: { port: 0, tokens: [{ name: "ops", token: TOKENS.admin, scopes: ["read"] }] },
  });
  const { addr, adminAddr } = stage.server;
  assert(addr.port !== adminAddr!.port);
  assertEquals((await stage.ask("GET", "/topics")).status, 200);
  const statusOf = async (port: number, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    await response.body?.cancel();
    return response.status;
  };
  const paths = ["/api/v1/topics", "/metrics", "/health/live", "/health/ready"];
  const statuses = (port: number) => Promise.all(paths.map((path) => statusOf(port, path)));
  assertEquals(await statuses(adminAddr!.port), [401, 200, 200, 200]);
  assertEquals(await statuses(addr.port), [404, 404, 200, 200]);
});

Deno.test("on an address that others reach it is off, and the log says how to turn it on", async () => {
  const capture = new LogCapture();
  await using logs = configureLogs({ level: "info", format: "json", write: capture.write });
  await using server = await serve(parseConfig({ listen: { hostname: "0.0.0.0", port: 0 } }));
  assertEquals(server.adminAddr, undefined);
  for (const path of ["/api/v1/topics", "/metrics"]) {
    const response = await fetch(`http://127.0.0.1:${server.addr.port}${path}`);
    assertEquals([response.status, await response.text()], [404, "Not found\n"]);
  }
  assert(logs.lines(0, 500).some(({ text }) => text.includes("admin.port opens a listener")));
});

Deno.test("tokens come from variables and files, and short ones are refused", async () => {
  const directory = await Deno.makeTempDir();
  await Deno.writeTextFile(`${directory}/token`, `${TOKENS.admin}\n`);
  const config = (token: string) =>
    parseConfig({
      listen: { port: 0 },
      admin: { tokens: [{ name: "ops", token, scopes: ["read"] }] },
    });
  {
    await using server = await serve(config("file:token"), { baseDirectory: directory });
    const base = `http://127.0.0.1:${server.addr.port}/api/v1`;
    assertEquals((await askApi(base, "GET", "/topics")).status, 200);
  }
  await assertRejects(() => serve(config("short")), Error, "expected at least 16");
  await assertRejects(() => serve(config("a token with spaces")), Error, "no header can carry");
  await assertRejects(() => serve(config("env:TROUPE_NO_SUCH_TOKEN")), Error, "is not set");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("each route refuses a query and a body that it does not know, and names the field", async () => {
  await using stage = await startApi();
  for (const { id, method, example: { path, body } } of API_ROUTES) {
    const [pathname] = path.split("?") as [string];
    const { status, body: problem } = await stage.ask(method, `${pathname}?surely=unknown`, {
      ...body === undefined ? {} : { body },
    });
    assertEquals([status, problem.errors?.length > 0], [422, true], id);
    if (body === undefined) continue;
    for (const wrong of [{ surely: "unknown" }, [], "text", 5, null]) {
      const got = await stage.ask(method, path, { body: wrong });
      assertEquals([got.status, got.body.errors?.length > 0], [422, true], `${id}: ${wrong}`);
    }
  }
});
