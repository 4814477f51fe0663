import { join } from "node:path";
import ts from "typescript";
import manifest from "../../deno.json" with { type: "json" };
import { DENO_VERSION, writePackage } from "../../scripts/npm_package.ts";
import { askOnce } from "../executable/stage.ts";
import { assert, assertEquals, assertLess, assertStringIncludes } from "../helpers/assert.ts";
import { findExecutable, type Need, testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { ROOT } from "../structure/source_tree.ts";

const NPM: Need = { name: "npm", executable: findExecutable(["npm"]), requiredInCi: true };

/** For what comes from the registry, the runtime above all. */
const DEADLINE_MS = 300_000;

async function run(program: string, args: readonly string[], cwd: string) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", npm_config_update_notifier: "false" },
    stdin: "null",
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out!, stderr: error! };
}

/** Packs the package; returns the path of the archive. */
async function pack(npm: string, folder: string): Promise<string> {
  const source = join(folder, "package");
  await writePackage(source);
  const { code, stderr } = await run(npm, ["pack", "--pack-destination", folder], source);
  assertEquals(code, 0, stderr);
  return join(folder, `troupe-${manifest.version}.tgz`);
}

/** A module with two mistakes, which only whoever knows the types can see. */
const MODULE = `import { createNode, isMessage, type Process } from "@troupe/troupe";
import { parseConfig, serve } from "@troupe/troupe/server";
export default async function shout(self: Process): Promise<void> {
  for await (const { message } of self) {
    if (!isMessage(message)) continue;
    const body: string | Uint8Array = message.body;
    const wrong: number = message.body;
    self.send(message.id, { kind: "message", body });
  }
}
void serve(parseConfig({}));
createNode().nonsense;
`;

function complaints(file: string): string[] {
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    types: [],
  });
  return ts.getPreEmitDiagnostics(program).map(({ start = 0, messageText, file }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n").split("\n")[0]}`;
  });
}

/** Starts the installed package as a shell does. */
function start(cwd: string, args: readonly string[]): Program {
  return new Program({ executable: join(cwd, "node_modules/.bin/troupe"), args, cwd });
}

async function assertSignals(folder: string): Promise<void> {
  const flags = ["serve", "-c", "troupe.jsonc", "--port", "0", "--log-format", "json"];
  await using program = start(folder, flags);
  const port = await program.port();
  assertEquals(await askOnce(port, "/board", "héllo"), "héllo");
  program.signal("SIGHUP");
  await program.find("the reload", (line) => line.includes("Re-read") || undefined);
  program.signal("SIGTERM");
  assertEquals(await program.exitCode(), 0);
  assert(program.lines.some((line) => line.includes('"Stopped"')), "it was not drained");
}

testWith(
  NPM,
  "the npm package runs the server and passes signals and exit codes on",
  async (npm, t) => {
    const folder = await Deno.realPath(await Deno.makeTempDir());
    try {
      const archive = await pack(npm, folder);
      assertLess((await Deno.stat(archive)).size, 2 * 1024 * 1024);
      const project = join(folder, "project");
      await Deno.mkdir(project);
      await Deno.writeTextFile(join(project, "package.json"), '{"private":true,"type":"module"}');
      await t.step("npx -p ARCHIVE troupe init", async () => {
        const { code, stdout, stderr } = await run(
          npm,
          ["exec", "-y", "--prefer-offline", "--package", archive, "--", "troupe", "init"],
          project,
        );
        assertEquals(code, 0, stderr);
        assertStringIncludes(stdout, "Wrote troupe.jsonc and board.ts");
      });
      await t.step("npm install", async () => {
        const quiet = ["--prefer-offline", "--no-audit", "--no-fund"];
        const names = [archive, `@troupe/troupe@file:${archive}`];
        const { code, stderr } = await run(npm, ["install", ...quiet, ...names], project);
        assertEquals(code, 0, stderr);
      });
      await t.step("signals", () => assertSignals(project));
      await t.step("exit codes", async () => {
        await using wrong = start(project, ["sevre"]);
        assertEquals(await wrong.exitCode(), 2);
        await using version = start(project, ["version"]);
        assertEquals(await version.exitCode(), 0);
        assertEquals(version.lines.slice(0, 2), [
          `troupe ${manifest.version}`,
          `deno   ${DENO_VERSION}`,
        ]);
      });
      await t.step("a second signal ends it at once", async () => {
        const slow = ["--port", "0", "--set", "drain.delay=60s"];
        await using program = start(project, slow);
        await program.port();
        program.signal("SIGINT");
        await program.find("the drain", (line) => line.includes("Draining") || undefined);
        program.signal("SIGINT");
        assertEquals(await program.exitCode(), 1);
      });
      await t.step("types", async () => {
        await Deno.writeTextFile(join(project, "shout.ts"), MODULE);
        const found = complaints(join(project, "shout.ts"));
        assertEquals(found.map((each) => each.split(":")[0]), ["7", "12"], found.join("\n"));
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("the npm package brings the runtime that the tests run with", async () => {
  const script = await Deno.readTextFile(join(ROOT, ".ci/run"));
  assertStringIncludes(script, `deno@${DENO_VERSION})`);
});
