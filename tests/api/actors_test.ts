import { Ws } from "../../src/web/troupe.js";
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/mod.ts";
import { connectionId, spawnActors, startApi } from "./stage.ts";

const NOBODY = encodeURIComponent("<troupe@localhost/000000000000/7>");

function path(id: string, rest = ""): string {
  return `/actors/${encodeURIComponent(id)}${rest}`;
}

Deno.test("POST /actors/{target}/send reaches processes and connections in each form", async () => {
  await using stage = await startApi();
  await using client = await stage.open("/ws");
  const id = await connectionId(stage, "/ws");
  const send = (body: unknown) => stage.ask("POST", path(id, "/send"), { body });
  for (const body of [{ text: "hi" }, { json: { a: [1] } }, { json: null }]) {
    assertEquals((await send(body)).status, 202);
  }
  assertEquals([await client.readText(), await client.readText(), await client.readText()], [
    "hi",
    '{"a":[1]}',
    "null",
  ]);
  assertEquals((await send({ base64: "AQI=" })).body, { result: "accepted" });
  const { opcode, payload } = (await client.readFrame())!;
  assertEquals([opcode, [...payload]], [OPCODE.binary, [1, 2]]);

  const got = Promise.withResolvers<unknown>();
  stage.server.node.spawn(async (self) => {
    for await (const { message } of self) got.resolve(message);
  }, { name: "sink" });
  const body = { message: { any: ["thing", null] } };
  assertEquals((await stage.ask("POST", "/actors/sink/send", { body })).status, 202);
  assertEquals(await got.promise, { any: ["thing", null] });
});

Deno.test("POST /actors/{target}/send answers 404, 410, 429, 503 and says what came of it", async () => {
  await using stage = await startApi();
  await spawnActors(stage);
  const pid = stage.server.node.whereis("answerer")!;
  await stage.server.node.exit(pid);
  const body = { message: 1 };
  for (
    const [target, status, result] of [
      ["nobody", 404, "unknown"],
      [decodeURIComponent(NOBODY), 404, "unknown"],
      [pid, 410, "terminated"],
      ["full", 429, "full"],
      ["<other@host/000000000000/7>", 503, "unreachable"],
    ] as const
  ) {
    const got = await stage.ask("POST", path(target, "/send"), { body });
    assertEquals([got.status, got.body.result, got.body.status], [status, result, status]);
    assertEquals(got.headers.get("content-type"), "application/problem+json");
  }
});

Deno.test("POST /actors/{target}/send answers 422 and names the wrong field", async () => {
  await using stage = await startApi();
  await using _client = await stage.open("/ws");
  const id = await connectionId(stage, "/ws");
  for (
    const [target, body, field] of [
      ["echo", {}, ""],
      ["echo", { message: 1, text: "x" }, ""],
      ["echo", { text: "x" }, "text"],
      ["echo", { massage: 1 }, ""],
      ["echo", [1], ""],
      [id, { text: 5 }, "text"],
      [id, { base64: "*" }, "base64"],
      [id, { message: { not: "a frame" } }, ""],
    ] as const
  ) {
    const got = await stage.ask("POST", path(target, "/send"), { body });
    assertEquals([got.status, got.body.errors[0].path], [422, field], JSON.stringify(body));
  }
});

Deno.test("POST /actors/{target}/ask answers what a process does, or says why there is nothing", async () => {
  await using stage = await startApi();
  await spawnActors(stage);
  const ask = (target: string, message: unknown, timeout = "1s") =>
    stage.ask("POST", path(target, `/ask?timeout=${timeout}`), { body: { message } });
  assertEquals((await ask("answerer", { q: 1 })).body, {
    answer: { got: { q: 1 }, bytes: { base64: "AQ==" }, big: "1" },
  });
  const statuses = await Promise.all([
    ask("answerer", "throw"),
    ask("answerer", "silence", "20ms"),
    ask("nobody", 1),
    ask("full", 1),
    ask("answerer", 1, "61s"),
    ask("answerer", 1, "soon"),
  ]);
  assertEquals(statuses.map(({ status }) => status), [502, 504, 404, 429, 422, 422]);
  assertEquals(statuses[0]!.body.detail, "no such row");
  assertEquals(statuses[4]!.body.errors[0].path, "timeout");
});

Deno.test("POST /actors/{target}/ask waits for the answer of a plain client, which its process does not get", async () => {
  await using stage = await startApi();
  await using client = await stage.open("/ws");
  const id = await connectionId(stage, "/ws");
  const asking = stage.ask("POST", path(id, "/ask"), { body: { message: { how: "are you" } } });
  const question = JSON.parse(await client.readText());
  assertEquals(question.message, { how: "are you" });
  // What is no answer goes to the process, which here sends it back.
  const other = '{"answer":"of another question","value":1}';
  await client.send({ opcode: OPCODE.text, payload: other });
  assertEquals(await client.readText(), other);
  const answer = JSON.stringify({ answer: question.ask, value: ["fine"] });
  await client.send({ opcode: OPCODE.text, payload: answer });
  assertEquals((await asking).body, { answer: ["fine"] });
  await client.send({ opcode: OPCODE.text, payload: "next" });
  assertEquals(await client.readText(), "next");

  const refused = stage.ask("POST", path(id, "/ask"), { body: { message: 2 } });
  const { ask } = JSON.parse(await client.readText());
  await client.send({ opcode: OPCODE.text, payload: JSON.stringify({ answer: ask, error: "no" }) });
  assertEquals([(await refused).status, (await refused).body.detail], [502, "no"]);
});

Deno.test("POST /actors/{target}/ask of a connection is 504 without an answer and 410 if it closes", async () => {
  await using stage = await startApi();
  await using client = await stage.open("/ws");
  const id = await connectionId(stage, "/ws");
  const late = await stage.ask("POST", path(id, "/ask?timeout=20ms"), { body: { message: 1 } });
  assertEquals(late.status, 504);
  const { ask } = JSON.parse(await client.readText());
  const asking = stage.ask("POST", path(id, "/ask"), { body: { message: 2 } });
  await client.readText();
  // An answer that comes too late is still none of the process' business.
  await client.send({ opcode: OPCODE.text, payload: JSON.stringify({ answer: ask, value: 1 }) });
  await client.send({ opcode: OPCODE.text, payload: "echo" });
  assertEquals(await client.readText(), "echo");
  client.close();
  assertEquals((await asking).status, 410);
});

Deno.test("DELETE /actors/{target} closes connections and stops processes", async () => {
  await using stage = await startApi();
  await spawnActors(stage);
  await using client = await stage.open("/ws");
  const id = await connectionId(stage, "/ws");
  assertEquals((await stage.ask("DELETE", path(id, "?code=99"))).body.errors[0].path, "code");
  const closed = await stage.ask("DELETE", path(id, "?code=4500&reason=bye"));
  assertEquals(closed.status, 202);
  assertEquals(await client.readClose(), { code: 4500, reason: "bye" });
  const pid = stage.server.node.whereis("answerer")!;
  assertEquals((await stage.ask("DELETE", "/actors/answerer")).status, 202);
  await stage.server.node.exit(pid);
  assertEquals((await stage.ask("DELETE", path(pid))).status, 410);
  assertEquals((await stage.ask("DELETE", "/actors/answerer")).status, 404);
  assertEquals((await stage.ask("DELETE", path("<o@h/00/1>"))).status, 503);
});

Deno.test("GET /actors gives windows in the order asked for, and never all", async () => {
  await using stage = await startApi();
  const { node } = stage.server;
  const pids = Array.from({ length: 120 }, (_, index) =>
    node.spawn(async (self) => {
      await new Promise((resolve) => self.signal.addEventListener("abort", resolve));
    }, { name: `many_${String(index).padStart(3, "0")}` }));
  pids.slice(0, 3).forEach((pid, index) => {
    for (let count = 0; count <= index; count++) node.send(pid, count);
  });
  const list = async (query: string) => (await stage.ask("GET", `/actors?${query}`)).body.actors;
  assertEquals((await list("prefix=many_")).length, 50);
  const names: string[] = [];
  for (let after = ""; after !== "end";) {
    const rows = await list(
      `prefix=many_&limit=50${after && `&after=${encodeURIComponent(after)}`}`,
    );
    for (const { name } of rows) names.push(name);
    after = rows.length < 50 ? "end" : rows.at(-1).id;
  }
  assertEquals([names.length, new Set(names).size], [120, 120]);
  const deepest = await list("sort=mailbox&limit=3");
  assertEquals(deepest.map(({ mailbox }: { mailbox: number }) => mailbox), [3, 2, 1]);
  const byName = await list("sort=name&after=many_117&prefix=many_");
  assertEquals(byName.map(({ name }: { name: string }) => name), ["many_118", "many_119"]);
  assertEquals((await list("q=any_11&limit=100")).length, 10);
  for (
    const [query, field] of [
      ["limit=0", "limit"],
      ["limit=1001", "limit"],
      ["limit=x", "limit"],
      ["sort=size", "sort"],
      ["sort=mailbox&after=x", "after"],
      ["colour=red", ""],
      ["limit=1&limit=2", "limit"],
      ["kind=robot", "kind"],
    ] as const
  ) {
    const { status, body } = await stage.ask("GET", `/actors?${query}`);
    assertEquals([status, body.errors?.[0].path], [422, field], query);
  }
  assertEquals((await stage.ask("GET", "/actors?node=other@host")).status, 404);
});

Deno.test("GET /actors?kind tells processes, connections and other meta-processes apart", async () => {
  await using stage = await startApi();
  await using _client = await stage.open("/ws");
  const id = await connectionId(stage, "/ws");
  const list = async (kind: string) =>
    (await stage.ask("GET", `/actors?kind=${kind}`)).body.actors as { id: string; kind: string }[];
  assertEquals((await list("connection")).map((each) => each.id), [id]);
  assert((await list("process")).every(({ kind }) => kind === "process"));
  assertEquals((await list("meta")).some((each) => each.id === id), true);
});

Deno.test("GET /actors/{target} shows the actor, its relations, parent and children", async () => {
  await using stage = await startApi();
  await using _client = await stage.open("/ws");
  const id = await connectionId(stage, "/ws");
  const { body } = await stage.ask("GET", "/actors/echo");
  assertEquals([body.inspect.name, body.inspect.state], ["echo", "running"]);
  assertEquals(body.monitoredBy.includes(id), true);
  const parent = (await stage.ask("GET", path(body.parent))).body;
  assertEquals(parent.children.map(({ name }: { name: string }) => name), ["echo"]);
  const gone = await stage.ask("GET", "/actors/nobody");
  assertEquals(gone.status, 404);
  assertStringIncludes(gone.body.detail, "no such process is known");
});

Deno.test("POST /actors/{target}/ask is answered by OnAsk of /troupe.js", async () => {
  await using stage = await startApi();
  const ws = new Ws(`ws://127.0.0.1:${stage.server.addr.port}/chat`);
  const over = new Promise<void>((resolve) => ws.OnDisconnect(() => resolve()));
  const natives: unknown[] = [];
  ws.OnMessage((data) => natives.push(data));
  ws.OnAsk((message) => {
    if (message === "throw") throw new Error("not today");
    return message === "nothing" ? undefined : Promise.resolve({ got: message });
  });
  await new Promise<void>((resolve) => ws.OnConnect(resolve));
  const id = await connectionId(stage, "/chat");
  const ask = (message: unknown) => stage.ask("POST", path(id, "/ask"), { body: { message } });
  assertEquals((await ask({ a: 1 })).body, { answer: { got: { a: 1 } } });
  assertEquals((await ask("nothing")).body, { answer: null });
  const { status, body } = await ask("throw");
  assertEquals([status, body.detail], [502, "not today"]);
  assertEquals(natives, []);
  ws.Disconnect();
  await over;
});

Deno.test("GET /tree gives the first children of several at once, and restarts are told", async () => {
  await using stage = await startApi();
  const { node } = stage.server;
  const { body } = await stage.ask("GET", "/tree");
  const [root] = body.branches.none as { id: string }[];
  const { body: below } = await stage.ask("GET", `/tree?open=${root!.id},none,<x>&limit=1`);
  assertEquals(Object.keys(below.branches), [root!.id, "none", "<x>"]);
  assertEquals(below.branches["<x>"], []);
  assertEquals(below.branches[root!.id].length, 1);
  const supervisor = below.branches[root!.id][0].id;
  const children = async () =>
    (await stage.ask("GET", `/tree?open=${supervisor}`)).body.branches[supervisor];
  const [echo] = await children();
  assertEquals([echo.name, echo.restarts], ["echo", 0]);
  await node.exit(node.whereis("echo")!, "kill");
  for (let turn = 0; turn < 500 && (await children())[0]?.restarts !== 1;) turn++;
  assertEquals((await children())[0].restarts, 1);
  const many = Array.from({ length: 101 }, (_, index) => `<${index}>`).join(",");
  assertEquals((await stage.ask("GET", `/tree?open=${many}`)).body.errors[0].path, "open");
});
