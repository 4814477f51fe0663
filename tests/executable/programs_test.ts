import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { PYTHON, testWith } from "../helpers/needs.ts";
import { ECHO, isAlive, SHELL } from "../server/programs_stage.ts";
import { askOnce, foreignFolder, stop, testEverywhere } from "./stage.ts";

const FLAGS = ["--port", "0", "--log-format", "json"];

const config = (processes: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    processes,
    endpoints: Object.fromEntries(
      Object.keys(processes).map((name) => [`/${name}`, { pool: [name] }]),
    ),
    ...more,
  });

testEverywhere("the executable runs programs, and may do no more than it says", async (folder) => {
  await folder.write("bot.py", ECHO);
  const lines = { program: ["sh", "-c", "cat"], format: "lines", per: "connection" };
  const bot = { program: ["python3", "bot.py"], env: { TOKEN: "env:HOME" } };
  await folder.write("troupe.json", config({ bot, lines }));
  await using program = folder.start(["serve", ...FLAGS]);
  const port = await program.port();
  assertStringIncludes(await askOnce(port, "/bot", "hi"), "from ");
  assertEquals(await askOnce(port, "/lines", "hi"), "hi");
  await stop(program);
  await folder.assertPermitted(program.lines);
}, PYTHON);

testEverywhere(
  "the executable ends with 1 and the name of a program that is not there",
  async (folder) => {
    await folder.write("troupe.json", config({ bot: { program: ["no-such-program"] } }));
    const { code, stderr } = await folder.run(["serve", ...FLAGS]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, 'Cannot start program "no-such-program"');
    assertStringIncludes(stderr, "processes.bot");
  },
);

testEverywhere(
  'the executable refuses programs where "programs" is false, in check too',
  async (folder) => {
    await folder.write("troupe.json", config({ bot: { program: ["sh"] } }, { programs: false }));
    for (const args of [["serve", ...FLAGS], ["check", "-c", "troupe.json"]]) {
      const { code, stderr } = await folder.run(args);
      assertEquals(code, 2);
      assertStringIncludes(stderr, "processes.bot.program");
      assertStringIncludes(stderr, '"programs" is false');
    }
  },
);

testWith(
  SHELL,
  "a second signal ends the executable at once, and its programs with it",
  async () => {
    await using folder = await foreignFolder();
    const script = "trap '' TERM; echo leader $$ >&2; while true; do sleep 0.1; done";
    await folder.write("troupe.json", config({ bot: { program: ["sh", "-c", script] } }));
    await using program = folder.start(["serve", ...FLAGS]);
    const pid = await program.find("the program", (line) => {
      const found = /leader (\d+)/.exec(line);
      return found === null ? undefined : Number(found[1]);
    });
    await program.port();
    program.signal("SIGTERM");
    await program.find("the drain", (line) => line.includes("Draining") ? true : undefined);
    program.signal("SIGTERM");
    assertEquals(await program.exitCode(), 1);
    assertEquals(await goes(pid), true);
  },
);

/** Whether a process has gone, or goes within a second. */
async function goes(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}
