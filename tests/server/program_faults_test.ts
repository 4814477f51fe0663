import { OPCODE } from "../../src/testing/frames.ts";
import type { Server } from "../../src/server/mod.ts";
import { CLOSE_CODES } from "../../src/websocket/mod.ts";
import { settle } from "../../src/testing/manual_clock.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertLessOrEqual,
  assertStringIncludes,
} from "../helpers/assert.ts";
import { PYTHON, testWith } from "../helpers/needs.ts";
import { pythonJson, SHELL } from "./programs_stage.ts";
import { ask, captureLogs, open, startServer, temporaryFiles } from "./stage.ts";

const shared = (program: readonly string[], more: Record<string, unknown> = {}) => ({
  processes: { bot: { program, ...more }, echo: { behavior: "echo" } },
  endpoints: { "/bot": { pool: ["bot"] }, "/echo": { pool: ["echo"] } },
});

/** Turns until something is so. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Cannot see ${what}`);
}

testWith(
  PYTHON,
  "100 MiB without a newline end a program, and no more than a line is kept",
  async () => {
    await using logs = captureLogs();
    await using files = await temporaryFiles({
      "bot.py": pythonJson(`
if kind == "message":
    sys.stderr.write("floods\\n")
    for _ in range(1600):
        sys.stdout.buffer.write(b"x" * 65536)
`),
    });
    await using server = await startServer(
      shared(["python3", "bot.py"], { maxMessageSize: "256KiB" }),
      files.path,
    );
    await using client = await open(server, "/bot");
    await client.send({ opcode: OPCODE.text, payload: "go" });
    assertEquals((await client.readClose()).code, 1011);
    const { message, level } = await logs.find("a line is longer than 262144 bytes");
    assertEquals(level, "error");
    assertStringIncludes(String(message), "Cannot read the output of a program");
    await using other = await open(server, "/echo");
    assertEquals(await ask(other, "unharmed"), "unharmed");
  },
);

testWith(SHELL, "half a line is no message, however long the program hangs", async () => {
  await using server = await startServer(
    shared(["sh", "-c", 'printf \'{"to":"echo"\'; cat >&2']),
  );
  await until(
    "the half line",
    async () => (await server.node.inspect("bot")).outputBuffered === 12,
  );
  await using client = await open(server, "/bot");
  await client.send({ opcode: OPCODE.text, payload: "hello" });
  assertEquals((await server.node.inspect("bot")).refused, 0);
});

/** Writes without a pause until the connection ends; resolves with the code, or what it broke with. */
async function floodToTheEnd(server: Server, payload: string): Promise<unknown> {
  await using client = await open(server, "/bot");
  let isClosed = false;
  const ended = client.readClose()
    .then(({ code }) => code, (error: unknown) => error)
    .finally(() => isClosed = true);
  for (let sent = 0; sent < 2_000 && !isClosed; sent++) {
    await client.send({ opcode: OPCODE.text, payload }).catch(() => {});
    await settle();
  }
  return await ended;
}

testWith(
  SHELL,
  "a program that never reads fills its mailbox, and then connections see 1013",
  async () => {
    await using server = await startServer({
      ...shared(["sh", "-c", "exec sleep 600"]),
      endpoints: { "/bot": { pool: ["bot"], engine: "native" } },
    });
    const payload = "x".repeat(1_000);
    let code: unknown;
    // Who goes on writing may be reset, and then the close frame is lost: the next one sees it.
    for (let connections = 0; typeof code !== "number" && connections < 20; connections++) {
      code = await floodToTheEnd(server, payload);
    }
    assertEquals(code, 1013);
    const { mailboxDepth, mailboxSize, inputWaiting } = await server.node.inspect(
      "bot",
    );
    // The end of the connection passes the bound.
    assertLessOrEqual(Number(mailboxDepth), Number(mailboxSize) + 1);
    assertLessOrEqual(Number(inputWaiting), 65_536 + 2 * payload.length);
  },
);

testWith(
  SHELL,
  "a program that does not read pauses its connections on engine ws, and then gets it all",
  async () => {
    const messages = 3_000;
    await using logs = captureLogs();
    await using files = await temporaryFiles({});
    const script = "while [ ! -e go ]; do sleep 0.02; done; exec wc -l >&2";
    {
      await using server = await startServer(
        {
          ...shared(["sh", "-c", script]),
          endpoints: { "/bot": { pool: ["bot"], engine: "ws" } },
        },
        files.path,
      );
      await using client = await open(server, "/bot");
      const payload = "x".repeat(1_000);
      for (let sent = 0; sent < messages; sent++) {
        await client.send({ opcode: OPCODE.text, payload });
      }
      const look = () => server.node.inspect("bot");
      await until("that reading pauses", async () => Number((await look()).mailboxDepth) > 250);
      await Deno.writeTextFile(`${files.path}/go`, "");
      await until("that all is read", async () => (await look()).accepted === messages + 1);
      assertEquals((await look()).overflows, 0);
    }
    // With the connect and the disconnect.
    await logs.find(`${messages + 2}`);
  },
);

testWith(
  PYTHON,
  "a shared program that floods one connection loses that one, and serves the others",
  async () => {
    await using logs = captureLogs();
    await using files = await temporaryFiles({
      "bot.py": pythonJson(`
if kind == "message" and m["body"] == "flood":
    for _ in range(16_000):
        write(to=m["id"], body="x" * 1_000)
elif kind == "message":
    write(to=m["id"], body=m["body"])
elif kind == "disconnect":
    sys.stderr.write("gone with %d\\n" % m["code"])
    sys.stderr.flush()
`),
    });
    await using server = await startServer(shared(["python3", "bot.py"]), files.path);
    await using reader = await open(server, "/bot");
    await using flooded = await open(server, "/bot");
    // It never reads: what it was sent waits for it, up to the bound of its queue.
    await flooded.send({ opcode: OPCODE.text, payload: "flood" });
    await logs.find(`gone with ${CLOSE_CODES.slowConsumer.code}`);
    assertEquals(await ask(reader, "unharmed"), "unharmed");
    assertEquals((await server.node.inspect("bot")).refused, 0);
  },
);

testWith(
  SHELL,
  "a program of its own that floods goes at the pace of its client, and loses nothing",
  async () => {
    const lines = 50_000;
    await using server = await startServer({
      processes: {
        bot: { program: ["sh", "-c", `seq ${lines}`], format: "lines", per: "connection" },
      },
      endpoints: { "/bot": { pool: ["bot"] } },
    });
    await using client = await open(server, "/bot");
    let next = 1;
    for (;;) {
      const frame = await client.readFrame();
      assert(frame !== undefined);
      if (frame.opcode === OPCODE.close) break;
      if (new TextDecoder().decode(frame.payload) !== String(next)) break;
      next++;
    }
    assertEquals(next, lines + 1);
  },
);

testWith(SHELL, "standard error is logged line by line, at a bounded rate", async () => {
  await using logs = captureLogs();
  const script = 'i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i+1)); done >&2';
  await using _server = await startServer(shared(["sh", "-c", script]));
  const first = await logs.find("line 0");
  assertEquals([first.level, first.name, first.line], ["info", "bot", "line 0"]);
  const told = await logs.find("were left out of the log");
  assertGreater(Number(told.lines), 100);
  const written = logs.lines.filter(({ line }) => String(line).startsWith("line "));
  assertLess(written.length, 4_900);
});
