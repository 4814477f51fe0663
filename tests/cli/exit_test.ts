import { join } from "node:path";
import { PERMISSIONS } from "../../scripts/compile.ts";
import { assertEquals } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { temporaryFiles } from "../server/stage.ts";
import { ROOT } from "../structure/source_tree.ts";

/** Less than the 20 s that Deno's exporter waits for. */
const TIMEOUT_MS = 20_000;

const ALL = ["-A"];

/** Told "loop", computes for ever; told "hang", waits for ever, and ignores being stopped. */
const STUBBORN = `export default async function stubborn(self: any): Promise<void> {
  for await (const { message } of self) {
    if (message.kind !== "message") continue;
    self.send(message.id, { kind: "message", body: message.body });
    await new Promise((resolve) => setTimeout(resolve, 20));
    while (message.body === "loop");
    if (message.body === "hang") await new Promise(() => {});
  }
}`;

async function startServer(
  permissions: readonly string[],
  env: Record<string, string> = {},
  timeout = "500ms",
) {
  const files = await temporaryFiles({
    "stubborn.ts": STUBBORN,
    "troupe.json": JSON.stringify({
      listen: { port: 0 },
      drain: { timeout },
      processes: { stubborn: { module: "./stubborn.ts" } },
      endpoints: { "/ws": { pool: ["stubborn"], engine: "ws" } },
    }),
  });
  const main = join(ROOT, "main.ts");
  const args = ["run", ...permissions, main, "serve", "-c", join(files.path, "troupe.json")];
  const program = new Program({ args, env, timeoutMs: TIMEOUT_MS });
  const stack = new AsyncDisposableStack();
  stack.use(files);
  stack.use(program);
  return { program, port: await program.port(), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Sends a word and waits until the process has it. */
async function say(port: number, word: string): Promise<RawClient> {
  const client = await RawClient.open({ port, timeoutMs: TIMEOUT_MS });
  await client.send({ opcode: OPCODE.text, payload: word });
  assertEquals(await client.readText(), word);
  return client;
}

/** Of a process that got SIGKILL, as a shell has it. */
const KILLED = 137;

for (
  const { what, permissions, computing, forced } of [
    { what: "-A", permissions: ALL, computing: 0, forced: 1 },
    {
      what: "the executable's permissions",
      permissions: PERMISSIONS,
      computing: KILLED,
      forced: KILLED,
    },
  ]
) {
  Deno.test(`SIGTERM under ${what} ends in 0 although a process never stops`, async () => {
    await using server = await startServer(permissions);
    using client = await sayAndHold(server.port, "hang");
    server.program.signal("SIGTERM");
    assertEquals([await server.program.exitCode(), client.isHeld], [0, true]);
  });

  Deno.test(`SIGTERM under ${what} ends although a process computes without a pause`, async () => {
    await using server = await startServer(permissions);
    using _client = await sayAndHold(server.port, "loop");
    server.program.signal("SIGTERM");
    assertEquals(await server.program.exitCode(), computing);
  });

  Deno.test(`a second SIGTERM under ${what} ends at once, whatever the main thread does`, async () => {
    await using server = await startServer(permissions, {}, "1h");
    using _client = await sayAndHold(server.port, "loop");
    // Signals that are sent in one moment may arrive as one: again, until it has heard two.
    const again = setInterval(() => server.program.signalIfAlive("SIGTERM"), 20);
    assertEquals(await server.program.exitCode().finally(() => clearInterval(again)), forced);
  });
}

Deno.test("SIGTERM ends in 0 although Deno's own exporter waits for its collector", async () => {
  using collector = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const conn of collector) held.push(conn);
  })().catch(() => {});
  const { port } = collector.addr as Deno.NetAddr;
  {
    await using server = await startServer(ALL, {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    (await say(server.port, "hello")).close();
    server.program.signal("SIGTERM");
    assertEquals(await server.program.exitCode(), 0);
  }
  collector.close();
  await accepting;
  for (const conn of held) conn.close();
});

/** As `say`, and keeps the connection until the end of the scope. */
async function sayAndHold(port: number, word: string) {
  const client = await say(port, word);
  return { isHeld: true, [Symbol.dispose]: () => client.close() };
}
