import { assertEquals } from "../helpers/assert.ts";
import { Program } from "../helpers/program.ts";

/** About twenty times what it takes, and a small part of what one slow reader would. */
const TIMEOUT_MS = 150_000;

Deno.test("whatever reads what strangers send takes time that grows with its length", async () => {
  const path = new URL("./testdata/long_inputs.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  await using program = new Program({
    args: ["run", "-A", "--no-check", "--config", config, path],
    timeoutMs: TIMEOUT_MS,
  });
  assertEquals(await program.exitCode(), 0, program.lines.join("\n"));
  assertEquals(program.lines.filter((line) => line.startsWith("done: ")).length, 25);
});
