import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { PERMISSIONS } from "../../scripts/compile.ts";
import { ROOT } from "../structure/source_tree.ts";

/** Runs a command in a directory that is removed under it. */
async function runWithoutDirectory(...args: string[]) {
  const script = `
    const directory = await Deno.makeTempDir();
    Deno.chdir(directory);
    await Deno.remove(directory);
    const { runCli } = await import(${JSON.stringify(join(ROOT, "src/cli/mod.ts"))});
    Deno.exit(await runCli(Deno.args));
  `;
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "gone.js");
    await Deno.writeTextFile(path, script);
    const config = ["--config", join(ROOT, "deno.json")];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...PERMISSIONS, ...config, path, ...args],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, stdout: out!, stderr: error! };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const GONE = {
  code: 1,
  stdout: "",
  stderr: "Cannot use the working directory: it is gone or may not be searched, " +
    "expected to be started in one that is there\n",
};

Deno.test("a command that needs the working directory says in one line that it is gone", async () => {
  const ca = ["--ca", "cert.pem"];
  const commands = [["serve", "--port", "0"], ["check"], ["init"], [
    "connect",
    "wss://[::1]/",
    ...ca,
  ]];
  for (const args of commands) {
    assertEquals(await runWithoutDirectory(...args), GONE, args.join(" "));
  }
});

Deno.test("a command that needs no working directory runs without", async () => {
  for (const [args, expected] of [["version", "troupe "], ["help", "init"], ["schema", "{"]]) {
    const { code, stdout, stderr } = await runWithoutDirectory(args!);
    assertEquals([code, stderr], [0, ""], args);
    assertStringIncludes(stdout, expected!);
  }
});
