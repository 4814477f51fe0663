import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { type ApiStage, connectionId, spawnActors, startApi, TOKENS } from "../api/stage.ts";
import { OPCODE } from "../../src/testing/mod.ts";
import { createIo, runTroupe } from "./stage.ts";
import { runCli } from "../../src/cli/mod.ts";

const environment = { TROUPE_ADMIN_TOKEN: TOKENS.admin };

/** Runs a command against a server; the token is in the environment. */
function operate({ server }: ApiStage, command: string, ...args: string[]) {
  const url = `http://127.0.0.1:${server.addr.port}`;
  return runTroupe([command, "--url", url, ...args], { environment });
}

Deno.test("troupe send reaches actors, rooms, topics and connections, ask prints the answer", async () => {
  await using stage = await startApi();
  await spawnActors(stage);
  await using client = await stage.open("/ws");
  const id = await connectionId(stage, "/ws");
  assertEquals(await operate(stage, "send", id, "hello"), {
    code: 0,
    stdout: '{"result":"accepted"}\n',
    stderr: "",
  });
  assertEquals(await client.readText(), "hello");
  const published = '{"nodes":1,"connections":0,"missing":[]}\n';
  assertEquals((await operate(stage, "send", "--room", "lobby", "hi")).stdout, published);
  assertEquals(
    (await operate(stage, "send", "--room", "a", "--event", "e", "1")).stdout,
    published,
  );
  assertEquals((await operate(stage, "send", "--topic", "news", '{"a":1}')).stdout, published);
  const answer = JSON.parse((await operate(stage, "ask", "answerer", '{"q":1}')).stdout);
  assertEquals(answer.got, { q: 1 });
  assertEquals((await operate(stage, "ask", "answerer", "silence", "--timeout", "20ms")).code, 1);
});

Deno.test("troupe kick closes what it is told to", async () => {
  await using stage = await startApi();
  await using client = await stage.open("/ws");
  const got = await operate(
    stage,
    "kick",
    "--endpoint",
    "/ws",
    "--code",
    "4500",
    "--reason",
    "bye",
  );
  assertEquals([got.code, got.stdout], [0, '{"closed":1,"missing":[]}\n']);
  assertEquals(await client.readClose(), { code: 4500, reason: "bye" });
  const nobody = await operate(stage, "kick", "nobody");
  assertEquals(nobody.code, 1);
  assertStringIncludes(nobody.stderr, "Cannot do it: ");
  assertStringIncludes(nobody.stderr, "(404)");
});

Deno.test("troupe top prints a table, or JSON for scripts", async () => {
  await using stage = await startApi();
  const table = await operate(stage, "top", "--once", "--sort", "name");
  assertEquals(table.code, 0);
  assertStringIncludes(table.stdout, "troupe@localhost: ");
  assertStringIncludes(table.stdout, "MAILBOX");
  assertStringIncludes(table.stdout, "\nchat ");
  const json = JSON.parse((await operate(stage, "top", "--once", "--json")).stdout);
  assert(json.actors.length > 3 && json.nodes.length === 1);
  assertEquals((await operate(stage, "top", "--once", "--sort", "size")).code, 2);
  const { io, result, signal } = createIo({ environment, isTerminal: true });
  const running = runCli(["top", "--url", `http://127.0.0.1:${stage.server.addr.port}`], io);
  while (!result().stdout.includes("MAILBOX")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  signal("SIGINT");
  assertEquals(await running, 0);
  assert(result().stdout.startsWith("\x1b[H\x1b[2J"));
});

Deno.test("troupe tap prints what passes until a signal", async () => {
  await using stage = await startApi();
  await using client = await stage.open("/ws");
  const { io, result, signal } = createIo({ environment });
  const url = `http://127.0.0.1:${stage.server.addr.port}`;
  const running = runCli(["tap", "--url", url, "--endpoint", "/ws"], io);
  while (!result().stdout.includes('"body":"hello"')) {
    await client.send({ opcode: OPCODE.text, payload: "hello" });
    await client.readText();
  }
  signal("SIGINT");
  assertEquals(await running, 0);
  assertEquals(JSON.parse(result().stdout.split("\n")[0]!).message.body, "hello");
});

Deno.test("troupe's operator commands say what is wrong in one line", async () => {
  await using stage = await startApi();
  for (
    const [args, code, text] of [
      [["send", "x"], 2, "expected TARGET MESSAGE"],
      [["send", "--room", "a", "--user", "b", "c"], 2, "expected TARGET MESSAGE, or one of"],
      [["ask", "x"], 2, "expected TARGET MESSAGE"],
      [["kick"], 2, "expected TARGET, or some of"],
      [["kick", "x", "--user", "a"], 2, "expected TARGET, or some of"],
      [["tap"], 2, "expected one of --actor"],
      [["send", "--url", "ftp://x", "a", "b"], 2, "expected a URL that starts with http"],
      [["send", "--url", "http://127.0.0.1:1", "a", "b"], 1, "Cannot ask http://127.0.0.1:1"],
      [["send", "--token", "wrong", "a", "b"], 1, "The token is not known (401)"],
    ] as const
  ) {
    const [command, ...rest] = args;
    const got = rest.includes("--url" as never)
      ? await runTroupe([command, ...rest], { environment })
      : await operate(stage, command, ...rest);
    assertEquals([got.code, got.stderr.split("\n").filter(Boolean).length <= 2], [code, true]);
    assertStringIncludes(got.stderr, text);
    assert(!got.stderr.includes(TOKENS.admin));
  }
  const none = await runTroupe(["send", "a", "b"]);
  assertEquals(none.code, 2);
  assertStringIncludes(none.stderr, "expected --token or TROUPE_ADMIN_TOKEN");
});
