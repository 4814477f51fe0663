import { ConfigError, parseConfig } from "../../src/config/mod.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../helpers/assert.ts";

const SH = { program: ["sh"] };

Deno.test("parseConfig() takes programs, with the defaults of theirs", () => {
  const { processes, programs } = parseConfig({ processes: { bot: SH } });
  const { program, format, per, maxMessageBytes, instances } = processes["bot"]!;
  assertEquals([program, format, per, maxMessageBytes, instances], [
    ["sh"],
    "json",
    undefined,
    1_048_576,
    1,
  ]);
  assertEquals(programs, true);
  const each = { ...SH, per: "connection", format: "lines", maxKeys: 5, maxMessageSize: "4KiB" };
  const { bot } = parseConfig({ processes: { bot: each } }).processes;
  assertEquals([bot!.per, bot!.format, bot!.maxKeys, bot!.maxMessageBytes], [
    "connection",
    "lines",
    5,
    4_096,
  ]);
});

for (
  const [what, bot, problem] of [
    ["a text as command", { program: "sh" }, '.program is "sh", expected a list of texts'],
    ["an empty command", { program: [] }, ".program is [], expected a list of texts"],
    ["no executable", { program: [""] }, '.program is [""], expected a list of texts'],
    ["a number as argument", { program: ["sh", 5] }, ".program[1] is 5, expected a text"],
    ["NUL in an argument", { program: ["sh", "a\0"] }, '.program[1] is "a\\u0000", expected a'],
    ["a program and a module", { ...SH, module: "a.ts" }, " has both module and program, expected"],
    ["all three", { ...SH, module: "a.ts", behavior: "echo" }, " has behavior, module and program"],
    ["an unknown format", { ...SH, format: "xml" }, '.format is "xml", expected one of "json"'],
    ["an unknown per", { ...SH, per: "room" }, '.per is "room", expected one of "connection"'],
    ["per beside keyed", { ...SH, per: "connection", keyed: true }, ".per is there beside keyed"],
    ["per beside instances", { ...SH, per: "connection", instances: 2 }, ".instances is 2, but"],
    ["idleTimeout with per", { ...SH, per: "connection", idleTimeout: 5 }, ".idleTimeout is for"],
    ["cwd without a program", { behavior: "echo", cwd: "." }, ".cwd is for programs, expected"],
    ["format without one", { behavior: "echo", format: "json" }, ".format is for programs"],
    ["an env of objects", { ...SH, env: { A: {} } }, ".env.A is {}, expected a text, a number"],
    ["NUL in env", { ...SH, env: { A: "\0" } }, ".env.A is"],
    ["a bad variable", { ...SH, env: { "A=B": "x" } }, '.env["A=B"] is no name of a variable'],
    ["no room for a line", { ...SH, maxMessageSize: 0 }, ".maxMessageSize is 0, expected a size"],
  ] as const
) {
  Deno.test(`parseConfig() refuses ${what} of a process`, () => {
    const { problems } = assertThrows(() => parseConfig({ processes: { bot } }), ConfigError);
    assertStringIncludes(problems.join("\n"), `processes.bot${problem}`);
  });
}

Deno.test('parseConfig() refuses every program where "programs" is false', () => {
  const root = { programs: false, processes: { a: SH, b: { behavior: "echo" }, c: SH } };
  const { problems } = assertThrows(() => parseConfig(root), ConfigError);
  assertEquals(problems.map((line) => /processes\.(\w)/.exec(line)?.[1]), ["a", "c"]);
  parseConfig({ programs: false, processes: { b: { behavior: "echo" } } });
});
