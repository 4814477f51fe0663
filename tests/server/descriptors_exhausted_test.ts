import { join } from "node:path";
import { assertEquals } from "../helpers/assert.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { ROOT } from "../structure/source_tree.ts";
import { temporaryFiles } from "./stage.ts";

/** Opens files until there are no descriptors left, and holds them for a while. */
const HOG = `export default async function hog(self: any): Promise<void> {
  for await (const { message } of self) {
    if (message.kind !== "message") continue;
    const files: Deno.FsFile[] = [];
    try {
      for (;;) files.push(Deno.openSync("/dev/null"));
    } catch { /* none are left */ }
    self.send(message.id, { kind: "message", body: "none left" });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    for (const file of files) file.close();
    self.send(message.id, { kind: "message", body: "some left" });
  }
}`;

async function startWithLimit(directory: string, engine: string): Promise<Program> {
  const config = {
    listen: { port: 0 },
    processes: { echo: { behavior: "echo" }, hog: { module: "./hog.ts" } },
    endpoints: { "/ws": { pool: ["echo"], engine }, "/hog": { pool: ["hog"], engine } },
  };
  const file = join(directory, "troupe.json");
  await Deno.writeTextFile(file, JSON.stringify(config));
  const command = `ulimit -n 128 && exec "$0" run -A "$1" serve -c "$2"`;
  const main = join(ROOT, "main.ts");
  return new Program({ executable: "sh", args: ["-c", command, Deno.execPath(), main, file] });
}

/** Whether the server answers within a second. */
async function answers(port: number): Promise<boolean> {
  try {
    await using client = await RawClient.connect({ port, timeoutMs: 1000 });
    return (await client.handshake({ path: "/health/live" })).status === 200;
  } catch {
    return false;
  }
}

async function answersAgain(port: number): Promise<boolean> {
  for (let i = 0; i < 10; i++) {
    if (await answers(port)) return true;
    // A refused connection fails at once.
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

for (const engine of ["ws", "native"]) {
  Deno.test({
    name: `serve() with engine ${engine} accepts again after descriptors ran out`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using files = await temporaryFiles({ "hog.ts": HOG });
      await using program = await startWithLimit(files.path, engine);
      const port = await program.port();
      await using hog = await RawClient.open({ port, path: "/hog" });
      await hog.send({ opcode: 1, payload: "go" });
      assertEquals(await hog.readText(), "none left");
      assertEquals(await answers(port), false);
      assertEquals(await hog.readText(), "some left");
      assertEquals(await answersAgain(port), true);
    },
  });
}

Deno.test({
  name:
    "serve() with engine ws keeps descriptors free and its connections alive in a flood of them",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using files = await temporaryFiles({ "hog.ts": HOG });
    await using program = await startWithLimit(files.path, "ws");
    const port = await program.port();
    await using early = await RawClient.open({ port, path: "/ws" });
    const flood: RawClient[] = [];
    for (let i = 0; i < 200; i++) flood.push(await RawClient.connect({ port }));
    await early.send({ opcode: 1, payload: "still here" });
    assertEquals(await early.readText(), "still here");
    for (const client of flood) client.close();
    assertEquals(await answersAgain(port), true);
  },
});
