import { assertEquals, assertRejects, assertStringIncludes } from "./assert.ts";
import { Program } from "./program.ts";

Deno.test("Program.find() finds lines past and future and exitCode() waits for the end", async () => {
  const code = 'console.log("one\\nat http://127.0.0.1:81/"); console.error("two"); Deno.exit(3)';
  await using program = new Program({ args: ["eval", code] });
  assertEquals(await program.find("two", (line) => line === "two" ? line : undefined), "two");
  assertEquals(await program.find("one", (line) => line === "one" ? 1 : undefined), 1);
  assertEquals(await program.port(), 81);
  assertEquals(await program.exitCode(), 3);
});

Deno.test("Program.find() throws with the output when the line never comes", async () => {
  await using ended = new Program({ args: ["eval", 'console.log("said this")'] });
  const error = await assertRejects(() => ended.find("more", () => undefined));
  assertStringIncludes(error.message, "Cannot find more, output so far:\nsaid this");

  const args = ["eval", "setInterval(() => {}, 1000)"];
  await using silent = new Program({ args, timeoutMs: 300 });
  const late = await assertRejects(() => silent.find("more", () => undefined));
  assertStringIncludes(late.message, "Cannot find more");
});

Deno.test("Program.signal() reaches the program", async () => {
  const code = 'Deno.addSignalListener("SIGTERM", () => Deno.exit(9)); console.log("up")';
  await using program = new Program({ args: ["eval", `${code}; setInterval(() => {}, 1000)`] });
  await program.find("up", (line) => line === "up" || undefined);
  program.signal("SIGTERM");
  assertEquals(await program.exitCode(), 9);
});
