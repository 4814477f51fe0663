import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../helpers/assert.ts";
import { PYTHON, testWith } from "../helpers/needs.ts";
import { SHELL } from "./programs_stage.ts";
import { ask, captureLogs, open, startServer, statusOf, temporaryFiles } from "./stage.ts";

/** As the samples of websocketd have them, in a shell. */
const COUNT = 'for i in 1 2 3 4 5 6 7 8 9 10; do echo "$i"; done';
const GREETER = 'while read -r name; do echo "Hello $name!"; done';
const ECHO = 'while read -r line; do echo "$line"; done';
const DUMP = "env";

const each = (script: string, more: Record<string, unknown> = {}) => ({
  processes: {
    bot: { program: ["sh", "-c", script], format: "lines", per: "connection", ...more },
  },
  endpoints: { "/bot": { pool: ["bot"] } },
});

/** All texts until the close frame, whose code comes last. */
async function readAll(client: RawClient): Promise<(string | number)[]> {
  const seen: (string | number)[] = [];
  for (;;) {
    const frame = await client.readFrame();
    if (frame === undefined) return [...seen, 1006];
    if (frame.opcode === OPCODE.close) {
      return [...seen, new DataView(frame.payload.slice().buffer).getUint16(0)];
    }
    seen.push(new TextDecoder().decode(frame.payload));
  }
}

testWith(
  SHELL,
  "count: what a program prints are messages, and its end is that of the connection",
  async () => {
    await using server = await startServer(each(COUNT));
    await using client = await open(server, "/bot");
    assertEquals(await readAll(client), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", 1000]);
  },
);

testWith(
  SHELL,
  "greeter and echo: each line is a message, each connection has its own program",
  async () => {
    for (const [script, answer] of [[GREETER, "Hello Ada!"], [ECHO, "Ada"]] as const) {
      await using server = await startServer(each(script));
      await using first = await open(server, "/bot");
      await using second = await open(server, "/bot");
      assertEquals(await ask(first, "Ada"), answer);
      assertEquals(await ask(second, "Ada"), answer);
      assertEquals((await server.node.inspect("bot")).keys, 2);
      await first[Symbol.asyncDispose]();
      while ((await server.node.inspect("bot")).keys !== 1) {
        await new Promise((r) => setTimeout(r, 2));
      }
    }
  },
);

testWith(
  SHELL,
  "dump: the environment is that of CGI, and nothing of the server's own",
  async () => {
    await using server = await startServer(each(DUMP, { env: { MODE: "x" } }));
    await using client = await RawClient.open({
      port: server.addr.port,
      path: "/bot?a=1&b=%20",
      headers: {
        "X-Own-Header": "own value",
        "X_Under": "no",
        "Proxy": "http://evil",
        "Cookie": "c=1",
      },
    });
    const lines = (await readAll(client)).slice(0, -1).map(String);
    const env = new Map(
      lines.map((line) => [line.split("=")[0]!, line.slice(line.indexOf("=") + 1)]),
    );
    const expected = {
      REQUEST_METHOD: "GET",
      REQUEST_URI: "/bot?a=1&b=%20",
      QUERY_STRING: "a=1&b=%20",
      SCRIPT_NAME: "/bot",
      PATH_INFO: "",
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_HOST: "127.0.0.1",
      SERVER_NAME: "127.0.0.1",
      SERVER_PORT: String(server.addr.port),
      SERVER_PROTOCOL: "HTTP/1.1",
      GATEWAY_INTERFACE: "CGI/1.1",
      HTTP_X_OWN_HEADER: "own value",
      HTTP_COOKIE: "c=1",
      MODE: "x",
      TROUPE_NAME: "bot/1",
    };
    for (const [name, value] of Object.entries(expected)) assertEquals(env.get(name), value, name);
    assertMatch(env.get("REMOTE_PORT")!, /^\d+$/);
    assertStringIncludes(env.get("UNIQUE_ID")!, "troupe@localhost");
    for (const name of ["HTTP_PROXY", "HTTP_X_UNDER", "HOME", "HTTPS"]) {
      assertEquals(env.has(name), false, name);
    }
  },
);

testWith(
  SHELL,
  "a program that fails closes its connection with 1011, and nobody is alarmed",
  async () => {
    await using logs = captureLogs();
    await using server = await startServer(each("echo last; printf half; exit 3"));
    await using client = await open(server, "/bot");
    assertEquals(await readAll(client), ["last", 1011]);
    assertEquals((await logs.find("ended with exit code 3")).level, "warning");
  },
);

testWith(SHELL, "a last line without a newline counts where the program ended well", async () => {
  await using server = await startServer(each("printf 'a\\r\\n\\nhalf'"));
  await using client = await open(server, "/bot");
  assertEquals(await readAll(client), ["a", "", "half", 1000]);
});

testWith(SHELL, "bytes are refused with 1003 by a program that reads lines", async () => {
  await using server = await startServer(each(ECHO));
  await using client = await open(server, "/bot");
  await client.send({ opcode: OPCODE.binary, payload: new Uint8Array([1]) });
  assertEquals((await client.readClose()).code, 1003);
});

testWith(
  SHELL,
  "beyond maxKeys a handshake is answered with 503 until a program has ended",
  async () => {
    await using server = await startServer(each(ECHO, { maxKeys: 1 }));
    {
      await using _client = await open(server, "/bot");
      assertEquals(await statusOf(server, "/bot"), 503);
    }
    let attempts = 0;
    while (await statusOf(server, "/bot") !== 101) assert(++attempts < 2_000);
  },
);

testWith(
  SHELL,
  "a program of one connection at a time refuses a second one, and takes the next",
  async () => {
    await using server = await startServer(each(ECHO, { per: undefined, instances: 1 }));
    {
      await using first = await open(server, "/bot");
      assertEquals(await ask(first, "one"), "one");
      await using second = await open(server, "/bot");
      assertEquals((await second.readClose()).code, 1013);
      assertEquals(await ask(first, "still"), "still");
    }
    while ((await server.node.inspect("bot")).connection !== "") {
      await new Promise((r) => setTimeout(r, 2));
    }
    await using third = await open(server, "/bot");
    assertEquals(await ask(third, "three"), "three");
  },
);

const BYTES = `import sys
source, sink = sys.stdin.buffer, sys.stdout.buffer
while True:
    head = source.read(4)
    if len(head) < 4:
        break
    body = source.read(int.from_bytes(head, "big"))
    body = body[::-1]
    sink.write(len(body).to_bytes(4, "big") + body)
    sink.flush()
`;

testWith(PYTHON, "bytes come and go after their length, of any size up to the limit", async () => {
  await using files = await temporaryFiles({ "bot.py": BYTES });
  await using server = await startServer({
    processes: {
      bot: { program: ["python3", "bot.py"], format: "bytes", per: "connection" },
    },
    endpoints: { "/bot": { pool: ["bot"], maxMessageSize: "1MiB" } },
  }, files.path);
  await using client = await open(server, "/bot");
  for (const size of [0, 1, 255, 256, 65_536, 300_000]) {
    const payload = new Uint8Array(size).map((_, index) => index * 7);
    await client.send({ opcode: OPCODE.binary, payload });
    const frame = (await client.readFrame())!;
    assertEquals([frame.opcode, frame.payload.length], [OPCODE.binary, size]);
    assertEquals(frame.payload, payload.reverse());
  }
});
