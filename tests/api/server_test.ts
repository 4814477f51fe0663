import { configureLogs, getLogger } from "../../src/telemetry/mod.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { startApi, TOKENS } from "./stage.ts";

Deno.test("POST /batch answers each request in its order, with the rights of whoever asked", async () => {
  await using stage = await startApi();
  const batch = (requests: unknown, token?: string) =>
    stage.ask("POST", "/batch", { body: { requests }, token });
  const { body } = await batch([
    { method: "POST", path: "/actors/echo/send", body: { message: 1 } },
    { method: "GET", path: "/topics?limit=1" },
    { method: "GET", path: "/actors/nobody" },
    { method: "GET", path: "/nowhere" },
    { method: "PUT", path: "/topics" },
    { method: "POST", path: "/batch", body: { requests: [] } },
    { method: "GET", path: "/actors?limit=0" },
  ]);
  assertEquals(
    body.results.map(({ status }: { status: number }) => status),
    [202, 200, 404, 404, 405, 422, 422],
  );
  assertEquals(body.results[1].body.topics[0].topic, "heartbeat");
  const reader = await batch([
    { method: "GET", path: "/topics" },
    { method: "POST", path: "/actors/echo/send", body: { message: 1 } },
  ], TOKENS.read);
  assertEquals(
    reader.body.results.map(({ status }: { status: number }) => status),
    [200, 403],
  );
  const request = { method: "GET", path: "/topics" };
  assertEquals((await batch(Array(100).fill(request))).body.results.length, 100);
  for (const wrong of [Array(101).fill(request), [], 5, [{ method: "GET", path: "http://x" }]]) {
    assertEquals((await batch(wrong)).status, 422);
  }
});

Deno.test("GET /nodes and /info tell of the server, without its secrets", async () => {
  await using stage = await startApi();
  const { body: { nodes } } = await stage.ask("GET", "/nodes");
  assertEquals([nodes.length, nodes[0].name, nodes[0].connections], [1, "troupe@localhost", 0]);
  const { body } = await stage.ask("GET", "/info");
  assertEquals(body.endpoints[0].path, "/ws");
  assertEquals(body.config.admin.tokens[0].name, "admin");
  const text = JSON.stringify(body);
  for (const token of Object.values(TOKENS)) assert(!text.includes(token));
});

Deno.test("PUT /log/level sets the level of one logger for a time", async () => {
  const capture = new LogCapture();
  await using logs = configureLogs({ level: "info", format: "json", write: capture.write });
  await using stage = await startApi({}, { logs });
  const put = (body: unknown) => stage.ask("PUT", "/log/level", { body });
  const say = (category: string) => getLogger(category.split(".")).debug(`from ${category}`);
  const said = () =>
    logs.lines(0, 500).map(({ text }) => text).filter((text) => text.startsWith("from"));
  say("app.one");
  const got = await put({ level: "debug", logger: "app", for: "1h" });
  assertEquals([got.status, got.body.level, got.body.logger], [200, "debug", "app"]);
  say("app.two");
  say("other");
  assertEquals(said(), ["from app.two"]);
  // The level of all others changes nothing about it.
  await put({ level: "error" });
  say("app.three");
  assertEquals(said(), ["from app.two", "from app.three"]);
  await put({ level: "error", logger: "app", for: "1ms" });
  // What was set for all is still in force when its own time is over.
  for (let turn = 0; turn < 500 && said().length === 2; turn++) {
    await put({ level: "debug" });
    say("app.late");
  }
  assertEquals(said().at(-1), "from app.late");
  for (
    const [body, field] of [
      [{}, "level"],
      [{ level: "loud" }, "level"],
      [{ level: "info", for: "25h" }, "for"],
      [{ level: "info", logger: "a..b" }, "logger"],
    ] as const
  ) {
    assertEquals((await put(body)).body.errors[0].path, field);
  }
});

Deno.test("PUT /log/level is 501 where the program has logs of its own", async () => {
  await using stage = await startApi();
  const { status, body } = await stage.ask("PUT", "/log/level", { body: { level: "info" } });
  assertEquals(status, 501);
  assertStringIncludes(body.detail, "logs of its own");
});
