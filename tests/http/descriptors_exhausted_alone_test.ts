import { join } from "node:path";
import { assertEquals } from "../helpers/assert.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ask, temporaryFiles } from "../server/stage.ts";
import { ROOT } from "../structure/source_tree.ts";

/** Time for a server to answer again, in milliseconds. */
const RECOVERY_MS = 15_000;

/** Told "take", opens files until there are no descriptors left; told "release", closes them. */
const HOG = `export default async function hog(self: any): Promise<void> {
  const files: Deno.FsFile[] = [];
  for await (const { message } of self) {
    if (message.kind !== "message") continue;
    try {
      while (message.body === "take") files.push(Deno.openSync("/dev/null"));
    } catch { /* none are left */ }
    if (message.body === "release") for (const file of files.splice(0)) file.close();
    self.send(message.id, { kind: "message", body: message.body });
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

/** Whether the server answers before long. */
async function answersAgain(port: number): Promise<boolean> {
  const untilMs = performance.now() + RECOVERY_MS;
  while (performance.now() < untilMs) {
    if (await answers(port)) return true;
    // A refused connection fails at once.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

/** Whether the server answers somebody new while it talks with an old connection. */
async function answersMeanwhile(port: number, old: RawClient): Promise<boolean> {
  // A listener that begins anew refuses or resets those who wait for it.
  await using client = await RawClient.connect({ port }).catch(() => undefined);
  if (client === undefined) return false;
  let isAnswered = false;
  const answer = client.handshake({ path: "/health/live" })
    .then(() => isAnswered = true, () => {});
  for (let i = 0; i < 50; i++) await ask(old, "anything");
  client.close();
  await answer;
  return isAnswered;
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
      assertEquals(await answersMeanwhile(port, hog), true);
      await ask(hog, "take");
      assertEquals(await answersMeanwhile(port, hog), false);
      await ask(hog, "release");
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
    assertEquals(await ask(early, "still here"), "still here");
    for (const client of flood) client.close();
    assertEquals(await answersAgain(port), true);
  },
});
