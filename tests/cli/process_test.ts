import { join } from "node:path";
import { assert, assertEquals, assertRejects } from "../helpers/assert.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ROOT } from "../structure/source_tree.ts";
import { temporaryDirectory } from "./stage.ts";

const MAIN = join(ROOT, "main.ts");

function args(directory: string, ...more: string[]): string[] {
  const config = join(directory, "troupe.json");
  return ["run", "-A", MAIN, "serve", "-c", config, "--port", "0", ...more];
}

async function ask(client: RawClient, text: string): Promise<string> {
  await client.send({ opcode: OPCODE.text, payload: text });
  return await client.readText();
}

async function statusOf(port: number, path: string): Promise<number> {
  await using client = await RawClient.connect({ port });
  return (await client.handshake({ path })).status;
}

/** A directory with a configuration whose process fails in every way that nobody catches. */
async function configured(drain: Record<string, string>) {
  const directory = await temporaryDirectory();
  const config = {
    processes: { echo: { behavior: "echo" }, careless: { module: "./careless.ts" } },
    endpoints: { "/ws": { pool: ["echo"] }, "/careless": { pool: ["careless"] } },
    drain,
  };
  await Deno.writeTextFile(join(directory.path, "troupe.json"), JSON.stringify(config));
  await Deno.writeTextFile(
    join(directory.path, "careless.ts"),
    `export default async function careless(self: any): Promise<void> {
      for await (const { message } of self) {
        if (message.kind !== "message") continue;
        Promise.reject(new Error("nobody awaits this"));
        setTimeout(() => { throw new Error("nobody catches this\\n\\u001b[2J"); });
        queueMicrotask(() => { throw new Error("nor this"); });
        throw new Error("its supervisor does");
      }
    }`,
  );
  return directory;
}

Deno.test("SIGTERM drains: not ready, refused, 1001, exit 0 although a peer never answers", async () => {
  await using directory = await configured({ delay: "300ms", timeout: "2s" });
  await using program = new Program({ args: args(directory.path) });
  const port = await program.port();
  await using client = await RawClient.open({ port, path: "/ws" });
  assertEquals(await ask(client, "hello"), "hello");
  assertEquals(await statusOf(port, "/health/ready"), 200);
  program.signal("SIGTERM");
  await program.find("the start of the drain", (line) => line.includes("Draining") || undefined);
  assertEquals(await statusOf(port, "/health/ready"), 503);
  assertEquals((await client.readClose()).code, 1001);
  assertEquals(await statusOf(port, "/ws"), 503);
  // The close frame stays unanswered.
  assertEquals(await program.exitCode(), 0);
  await assertRejects(() => RawClient.connect({ port }));
});

Deno.test("a second SIGTERM ends the process at once with 1", async () => {
  await using directory = await configured({ delay: "1h", timeout: "1h" });
  await using program = new Program({ args: args(directory.path) });
  await program.port();
  program.signal("SIGTERM");
  await program.find("the start of the drain", (line) => line.includes("Draining") || undefined);
  program.signal("SIGTERM");
  assertEquals(await program.exitCode(), 1);
});

Deno.test("errors that nobody catches are logged, escaped, and end nothing", async () => {
  await using directory = await configured({ timeout: "1s" });
  await using program = new Program({ args: args(directory.path, "--log-format=text") });
  const port = await program.port();
  await using client = await RawClient.open({ port, path: "/ws" });
  await using careless = await RawClient.open({ port, path: "/careless" });
  await careless.send({ opcode: OPCODE.text, payload: "go" });
  for (const text of ["nobody awaits this", "nobody catches this", "nor this"]) {
    const line = await program.find(text, (line) => line.includes(text) ? line : undefined);
    assert(line.includes(" error "), line);
    assertEquals(line.includes("\u001b"), false);
  }
  assertEquals(await ask(client, "still here"), "still here");
  program.signal("SIGTERM");
  assertEquals(await program.exitCode(), 0);
});

Deno.test("a server whose standard output is closed keeps serving and stops in order", async () => {
  await using directory = await configured({ timeout: "1s" });
  const command = new Deno.Command(Deno.execPath(), {
    args: args(directory.path, "--log-level=trace", "--log-format=json"),
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
  await using child = command.spawn();
  let port: number | undefined;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    port = Number(/"port":(\d+)/.exec(text)?.[1] ?? 0) || undefined;
    // Leaving the loop closes the reading end of the pipe.
    if (port !== undefined) break;
  }
  for (let i = 0; i < 5; i++) {
    await using client = await RawClient.open({ port: port!, path: "/ws" });
    assertEquals(await ask(client, `line ${i}`), `line ${i}`);
  }
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0);
});
