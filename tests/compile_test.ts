import { join } from "node:path";
import { writeBundle } from "../scripts/bundle.ts";
import { compileArguments, compileBundle, RUNTIME_FLAGS } from "../scripts/compile.ts";
import { V8_FLAGS } from "../scripts/v8_flags.ts";
import { assert, assertEquals, assertStringIncludes } from "./helpers/assert.ts";
import { closeBody, OPCODE } from "../src/testing/frames.ts";
import { findCompileRuntime, testWith } from "./helpers/needs.ts";
import { Program, type ProgramOptions } from "./helpers/program.ts";
import { RawClient } from "../src/testing/raw_client.ts";
import { moduleGraph, ROOT } from "./structure/source_tree.ts";

const FLAGS = ["--port", "0", "--log-format", "json"];

const CONFIG = {
  processes: { shout: { module: "./shout.ts" } },
  endpoints: { "/shout": { pool: ["shout"] } },
};

/** A process as a user would write it, in a folder that knows no package. */
const SHOUT = `
import { isMessage, type Process } from "@troupe/troupe";

export default async function shout(self: Process): Promise<void> {
  for await (const { message } of self) {
    if (!isMessage(message) || typeof message.body !== "string") continue;
    self.send(message.id, { kind: "message", body: message.body.toUpperCase() });
  }
}
`;

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function converse(port: number, path: string, text: string): Promise<string> {
  await using client = await RawClient.open({ port, path });
  await client.send({ opcode: OPCODE.text, payload: text });
  const reply = await client.readText();
  await client.send({ opcode: OPCODE.close, payload: closeBody(1000) });
  assertEquals((await client.readClose()).code, 1000);
  return reply;
}

/** Starts the server on its defaults, then on a user's module, and uses both. */
async function exercise(program: Omit<ProgramOptions, "cwd">, folder: string): Promise<void> {
  const start = (...more: string[]) =>
    new Program({ ...program, cwd: folder, args: [...program.args, ...FLAGS, ...more] });
  {
    await using server = start();
    const port = await server.port();
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals([page.status, page.headers.get("content-type")], [
      200,
      "text/html; charset=utf-8",
    ]);
    assertStringIncludes(await page.text(), '<script type="module">');
    assertEquals(await converse(port, "/ws", "héllo"), "héllo");
    server.signal("SIGTERM");
    assertEquals(await server.exitCode(), 0);
  }
  await Deno.writeTextFile(join(folder, "troupe.json"), JSON.stringify(CONFIG));
  await Deno.writeTextFile(join(folder, "shout.ts"), SHOUT);
  await using server = start("--config", "troupe.json");
  assertEquals(await converse(await server.port(), "/shout", "héllo"), "HÉLLO");
}

Deno.test("main.ts has everything it needs in the repository and its packages", async () => {
  const { modules } = await moduleGraph("main.ts");
  assertEquals(modules.filter(({ error }) => error !== undefined), []);
  const specifiers = modules.map(({ specifier }) => specifier);
  assertEquals(specifiers.filter((each) => !/^(file|npm|node):/.test(each)), []);
  for (const asset of ["page.html", "page.css", "connections.css", "connections.js"]) {
    assert(specifiers.some((each) => each.endsWith(`/src/web/${asset}`)), `${asset} is missing`);
  }
  assertEquals(specifiers.filter((each) => /playwright|\/assert\/|\/tests\//.test(each)), []);
});

Deno.test("the executable runs with the V8 flags that the task dev has", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const flags = `--v8-flags=${V8_FLAGS}`;
  assert(compileArguments("troupe").includes(flags));
  assertEquals(tasks.dev.command, `deno run -A ${flags} main.ts`);
});

Deno.test("main.ts serves from any folder with the permissions of the executable", async () => {
  await withFolder((folder) => {
    const args = ["run", ...RUNTIME_FLAGS, join(ROOT, "main.ts")];
    return exercise({ args }, folder);
  });
});

testWith(
  await findCompileRuntime(),
  "compileBundle() makes an executable that serves the page and WebSockets",
  async () => {
    await withFolder(async (folder) => {
      const executable = join(folder, "troupe");
      await writeBundle(join(folder, "bundle"));
      await compileBundle(join(folder, "bundle"), executable);
      await exercise({ executable, args: [] }, folder);
    });
  },
);
