import process from "node:process";
import { ServerStartError } from "../../src/http/mod.ts";
import type { Server } from "../../src/server/mod.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "../helpers/assert.ts";
import { PYTHON, testWith } from "../helpers/needs.ts";
import { ECHO, isAlive, pythonJson, SHELL } from "./programs_stage.ts";
import { ask, captureLogs, open, startServer, temporaryFiles } from "./stage.ts";

const BOT = { program: ["python3", "bot.py"] };

const withBot = (more: Record<string, unknown> = {}, endpoint: Record<string, unknown> = {}) => ({
  processes: { bot: { ...BOT, ...more }, echo: { behavior: "echo" } },
  endpoints: { "/bot": { pool: ["bot"], ...endpoint }, "/echo": { pool: ["echo"] } },
});

async function pidOf(server: Server, name: string): Promise<number> {
  return await server.node.call(name, "pid") as number;
}

/** Waits until the program of a process is another one than `before`. */
async function startedAgain(server: Server, name: string, before: number): Promise<number> {
  for (let attempt = 0; attempt < 2_000; attempt++) {
    const pid = await pidOf(server, name).catch(() => before);
    if (pid !== before) return pid;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Cannot see ${name} start again`);
}

testWith(PYTHON, "a program gets the messages of connections as JSON, and answers", async () => {
  await using logs = captureLogs();
  await using files = await temporaryFiles({ "bot.py": ECHO });
  await using server = await startServer(withBot(), files.path);
  await using client = await open(server, "/bot");
  assertEquals(await client.readText(), `from ${await pidOf(server, "bot")}`);
  assertEquals(await ask(client, 'a "line"\nand 😀'), 'a "line"\nand 😀');
  const bytes = new Uint8Array([0, 255, 10]);
  await client.send({ opcode: OPCODE.binary, payload: bytes });
  const frame = (await client.readFrame())!;
  assertEquals([frame.opcode, [...frame.payload]], [OPCODE.binary, [...bytes]]);
  await client.send({ opcode: OPCODE.text, payload: "close" });
  assertEquals(await client.readClose(), { code: 4000, reason: "as asked" });
  await client[Symbol.asyncDispose]();
  assertEquals((await logs.find("gone 4000")).name, "bot");
});

testWith(PYTHON, "a program answers calls, fails them, and makes calls itself", async () => {
  await using logs = captureLogs();
  await using files = await temporaryFiles({ "bot.py": ECHO });
  await using server = await startServer(
    { processes: { bot: { ...BOT, keyed: true } } },
    files.path,
  );
  const { node } = server;
  assertNotEquals(await pidOf(server, "bot/a"), await pidOf(server, "bot/b"));
  const error = await assertRejects(() => node.call("bot/a", "fail"));
  assertStringIncludes(String((error as Error).cause ?? error), "as asked");
  node.spawn(async (self) => {
    for await (const { message, reply } of self) reply?.({ echo: message });
  }, { name: "board" });
  node.send("bot/a", { kind: "ask", to: "board", message: { n: 1 } });
  const answer = await logs.find("answer");
  assertStringIncludes(String(answer.message), '"reply": "r1", "value": {"echo": {"n": 1}}');
  node.send("bot/a", { kind: "ask", to: "nobody", message: 1 });
  assertStringIncludes(String((await logs.find('"error"')).message), "nobody");
});

testWith(
  PYTHON,
  "200 connections share a program; killed, it is started again and they go on",
  async () => {
    await using logs = captureLogs("info");
    await using files = await temporaryFiles({ "bot.py": ECHO });
    const root = withBot({ instances: 2 }, { pool: ["bot_1", "bot_2"], targetLost: "next" });
    await using server = await startServer(root, files.path);
    const clients = await Promise.all(Array.from({ length: 200 }, () => open(server, "/bot")));
    const served = await Promise.all(clients.map((client) => client.readText()));
    const [first, second] = [await pidOf(server, "bot_1"), await pidOf(server, "bot_2")];
    const onFirst = clients.filter((_, index) => served[index] === `from ${first}`);
    assertEquals(onFirst.length, 100);
    await using other = await open(server, "/echo");
    process.kill(first, "SIGKILL");
    // Another one gets their connect, the second or the first as it has been started again.
    const movedTo = await Promise.all(onFirst.map((client) => client.readText()));
    assert(movedTo.every((text) => text.startsWith("from ") && text !== `from ${first}`));
    for (const client of clients) assertEquals(await ask(client, "on"), "on");
    assertEquals(await ask(other, "unharmed"), "unharmed");
    assertNotEquals(await startedAgain(server, "bot_1", first), second);
    assertStringIncludes(String((await logs.find("ended with signal SIGKILL")).message), "python3");
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  },
);

testWith(
  PYTHON,
  "a program that ends again and again is started again, ever more slowly",
  async () => {
    await using logs = captureLogs();
    await using files = await temporaryFiles({ "bot.py": ECHO, "end.py": "raise SystemExit(3)" });
    await using server = await startServer({
      processes: { bad: { program: ["python3", "end.py"] }, bot: BOT },
      endpoints: { "/bad": { pool: ["bad"] }, "/bot": { pool: ["bot"] } },
    }, files.path);
    await logs.find("ended with exit code 3");
    const started = () =>
      logs.lines.filter((line) =>
        line.name === "bad" && String(line.message).includes("was started")
      );
    for (let turn = 0; started().length < 4; turn++) {
      assert(turn < 2_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await using client = await open(server, "/bot");
    assertStringIncludes(await client.readText(), "from");
    assertEquals(logs.lines.some((line) => String(line.message).includes("gave up")), false);
  },
);

testWith(PYTHON, "what of a program's output cannot be used is logged and left out", async () => {
  await using logs = captureLogs();
  const bot = pythonJson(`
if kind == "message":
    for wrong in (b"hello", b"\\xff\\xfe", b'{"to":"x"}', json.dumps({"to": m["id"], "close": 5}).encode()):
        sys.stdout.buffer.write(wrong + b"\\n")
    write(to=m["id"], body="still here")
`);
  await using files = await temporaryFiles({ "bot.py": bot });
  await using server = await startServer(withBot(), files.path);
  await using client = await open(server, "/bot");
  assertEquals(await ask(client, "go"), "still here");
  for (const why of ["it is not JSON", "it is not UTF-8", 'expected one of "body"', "code"]) {
    const line = await logs.find(`was left out, ${why === "code" ? "Cannot" : why}`);
    assertEquals([line.level, line.name], ["warning", "bot"]);
  }
  assertEquals((await server.node.inspect("bot")).refused, 4);
});

Deno.test("serve() names a program or directory that is not there, or cannot be run", async () => {
  await using files = await temporaryFiles({
    "plain.txt": "no executable",
    "headless.sh": "echo hello\n",
    "elsewhere.sh": "#!/nowhere/sh -e\necho hello\n",
  });
  for (const script of ["headless.sh", "elsewhere.sh"]) {
    await Deno.chmod(`${files.path}/${script}`, 0o755);
  }
  for (
    const [bad, why] of [
      [{ program: ["./headless.sh"] }, `${files.path}/headless.sh is a text without a first line`],
      [{ program: ["./elsewhere.sh"] }, "there is no executable file /nowhere/sh, which the first"],
      [{ program: ["no-such-program-here"] }, "no directory of PATH has an executable"],
      [{ program: ["./plain.txt"] }, "there is no executable file"],
      [{ program: ["sh"], cwd: "nowhere" }, "there is no directory"],
    ] as const
  ) {
    const error = await assertRejects(
      () => startServer({ processes: { bot: bad } }, files.path),
      ServerStartError,
    );
    assertStringIncludes(error.message, `Cannot start program "${bad.program[0]}": ${why}`);
    assertStringIncludes(error.message, "processes.bot");
  }
});

const STUBBORN = `
trap '' TERM
sh -c 'trap "" TERM; echo "child $$" >&2; while true; do sleep 1; done' &
echo "leader $$" >&2
while true; do sleep 1; done
`;

testWith(SHELL, "a program that ignores SIGTERM ends with all that it has started", async () => {
  await using logs = captureLogs();
  await using files = await temporaryFiles({ "stubborn.sh": STUBBORN });
  const pids: number[] = [];
  {
    const program = ["sh", "stubborn.sh"];
    await using _server = await startServer({ processes: { bot: { program } } }, files.path);
    for (const who of ["child", "leader"]) {
      const { message } = await logs.find(`${who} `);
      pids.push(Number(/\d+$/.exec(String(message))![0]));
    }
    assertEquals(pids.map(isAlive), [true, true]);
  }
  assertEquals(pids.map(isAlive), [false, false]);
});

testWith(SHELL, "a program has only what is listed of the server's environment", async () => {
  await using logs = captureLogs();
  await using files = await temporaryFiles({ "secret.txt": "from a file\n" });
  const env = { PLAIN: "a b", COUNT: 5, FROM: "env:HOME", FILE: "file:secret.txt" };
  const program = ["sh", "-c", "echo $(env | sort) >&2; cat"];
  await using _server = await startServer({ processes: { bot: { program, env } } }, files.path);
  const { line } = await logs.find("PLAIN");
  const names = String(line).matchAll(/(?:^| )([A-Z_]+)=/g).map(([, name]) => name).toArray();
  // PWD and the like are the shell's own.
  const own = names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name!));
  assertEquals(own, ["COUNT", "FILE", "FROM", "PATH", "PLAIN", "TROUPE_NAME", "TROUPE_NODE"]);
  assertStringIncludes(String(line), `FILE=from a file FROM=${Deno.env.get("HOME")} `);
});
