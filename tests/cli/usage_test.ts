import manifest from "../../deno.json" with { type: "json" };
import { assert, assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { VERSION } from "../../src/cli/mod.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { parseCommit } from "../../src/cli/version.ts";
import { runTroupe } from "./stage.ts";

Deno.test("troupe version prints the version of the manifest", async () => {
  const { deno, v8 } = Deno.version;
  const stdout = `troupe ${manifest.version}\ndeno   ${deno}\nv8     ${v8}\n` +
    `commit unknown\ntarget ${Deno.build.target}\n`;
  for (const spelling of ["version", "--version", "-V"]) {
    assertEquals(await runTroupe([spelling]), { code: 0, stdout, stderr: "" });
  }
  assertEquals(VERSION, manifest.version);
});

Deno.test("parseCommit() takes nothing but a commit", () => {
  const commit = "1f58c23920e6ef334b18ec21c1917cd46cc8ec6a";
  for (const known of [commit, `${commit}-dirty`]) {
    assertEquals(parseCommit(JSON.stringify({ commit: known })), known);
  }
  for (const text of ["", "{", "null", "{}", '{"commit":7}', '{"commit":"\\u001b[2J"}']) {
    assertEquals(parseCommit(text), "unknown");
  }
});

Deno.test("troupe help names every command and the exit codes", async () => {
  const { code, stdout } = await runTroupe(["help"]);
  assertEquals(code, 0);
  for (const { name, summary } of COMMANDS) {
    assertStringIncludes(stdout, name);
    assertStringIncludes(stdout, summary);
  }
  assertStringIncludes(stdout, "0 clean, 1 could not run, 2 wrong use");
  assertEquals((await runTroupe(["--help"])).stdout, stdout);
});

Deno.test("troupe help COMMAND names every flag of the command", async () => {
  for (const command of COMMANDS) {
    const { code, stdout } = await runTroupe(["help", command.name]);
    assertEquals(code, 0);
    for (const { name } of command.flags) assertStringIncludes(stdout, `--${name}`);
    assertEquals((await runTroupe([command.name, "--help"])).stdout, stdout);
  }
});

Deno.test("serve has exactly the flags of the design", () => {
  const flags = COMMANDS[0]!.flags.map(({ name, alias }) => alias ? `-${alias}/${name}` : name);
  assertEquals(flags, [
    "-c/config",
    "hostname",
    "-p/port",
    "workers",
    "nats",
    "name",
    "engine",
    "origin",
    "log-level",
    "log-format",
    "set",
    "-h/help",
  ]);
});

const WRONG: readonly [args: readonly string[], message: string][] = [
  [["sevre"], 'Cannot run "sevre": there is no such command; did you mean serve'],
  [["help", "chek"], 'Cannot run "chek": there is no such command; did you mean check'],
  [["--prot", "1"], 'Cannot use flag "--prot": it is not known; did you mean --port'],
  [
    ["serve", "--log-levle=debug"],
    'Cannot use flag "--log-levle": it is not known; ' +
    "did you mean --log-level",
  ],
  [["check", "--port", "1"], 'Cannot use flag "--port": it is not known; did you mean --help'],
  [["-x"], 'Cannot use flag "-x": it is not known; did you mean -c'],
  [["--\u001b[2J"], 'Cannot use flag "--\\u001b[2J": it is not known; did you mean --port'],
  [["--port"], "Cannot use --port: its value is missing, expected a port"],
  [["--port", "1", "-p", "2"], "Cannot use --port: it is given 2 times, expected one"],
  [["serve", "extra"], 'Cannot use argument "extra": serve takes no such'],
  [["init", "a", "b"], 'Cannot use argument "b": init takes no such'],
];

for (const [args, message] of WRONG) {
  Deno.test(`troupe ${JSON.stringify(args)} ends in 2 and says why`, async () => {
    const { code, stdout, stderr } = await runTroupe(args);
    assertEquals([code, stdout], [2, ""]);
    assertEquals(stderr.split("\n")[0], message);
  });
}

Deno.test("troupe --__proto__ leaves prototypes alone", async () => {
  for (const args of [["--__proto__.polluted=1"], ["--set", "__proto__.polluted=1"]]) {
    assertEquals((await runTroupe(args)).code, 2);
  }
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
});

Deno.test("troupe schema prints JSON Schema", async () => {
  const { code, stdout } = await runTroupe(["schema"]);
  assertEquals(code, 0);
  const schema = JSON.parse(stdout);
  assertStringIncludes(schema.$schema, "json-schema.org");
  assert("endpoints" in schema.properties);
});
