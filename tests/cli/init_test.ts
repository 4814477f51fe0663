import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { runCli } from "../../src/cli/mod.ts";
import { createIo, runTroupe, temporaryDirectory } from "./stage.ts";

function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
}

Deno.test("troupe init writes files that check and run unchanged", async () => {
  await using directory = await temporaryDirectory();
  const stage = { directory: directory.path };
  const { code, stdout } = await runTroupe(["init", "new/board"], stage);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "serve -c new/board/troupe.jsonc");
  assertEquals(namesIn(join(directory.path, "new/board")), ["board.ts", "troupe.jsonc"]);
  const file = join("new/board", "troupe.jsonc");
  assertEquals(await runTroupe(["check", "-c", file], stage), {
    code: 0,
    stdout: `${file} is valid\n`,
    stderr: "",
  });

  const { io, signal, findLog } = createIo(stage);
  const served = runCli(["serve", "-c", file, "--port", "0"], io);
  const port = Number((await findLog("Listening on")).port);
  {
    await using first = await RawClient.open({ port, path: "/board" });
    await using second = await RawClient.open({ port, path: "/board" });
    // Nine lines on a board that keeps eight; everybody sees each.
    for (let line = 1; line <= 9; line++) {
      await first.send({ opcode: OPCODE.text, payload: `line ${line}` });
      assertEquals(await first.readText(), `line ${line}`);
      assertEquals(await second.readText(), `line ${line}`);
    }
    await using late = await RawClient.open({ port, path: "/board" });
    for (let line = 2; line <= 9; line++) assertEquals(await late.readText(), `line ${line}`);
  }
  signal("SIGTERM");
  assertEquals(await served, 0);
});

Deno.test("troupe init names its file as a shell takes it for one word", async () => {
  await using directory = await temporaryDirectory();
  const { stdout } = await runTroupe(["init", "it's new"], { directory: directory.path });
  assertStringIncludes(stdout, "troupe serve -c 'it'\\''s new/troupe.jsonc'\n");
});

Deno.test("troupe init writes a process that type-checks and has no imports", async () => {
  await using directory = await temporaryDirectory();
  assertEquals((await runTroupe(["init"], { directory: directory.path })).code, 0);
  const file = join(directory.path, "board.ts");
  assertEquals(/^\s*import\b/m.test(await Deno.readTextFile(file)), false);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--no-config", file],
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
});

Deno.test("troupe init writes nothing where one of its files or a configuration is", async () => {
  for (const name of ["troupe.jsonc", "board.ts", "troupe.yaml"]) {
    await using directory = await temporaryDirectory();
    await Deno.writeTextFile(join(directory.path, name), "mine");
    const { code, stdout, stderr } = await runTroupe(["init", "."], { directory: directory.path });
    assertEquals([code, stdout], [1, ""]);
    assertEquals(stderr, `Cannot write into ".": ${name} is there already, expected none\n`);
    assertEquals(namesIn(directory.path), [name]);
    assertEquals(await Deno.readTextFile(join(directory.path, name)), "mine");
  }
});

Deno.test("troupe init ends in 1 where it cannot write", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(join(directory.path, "file"), "");
  const { code, stderr } = await runTroupe(["init", "file/below"], { directory: directory.path });
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot write into "file/below": ');
});
