import { COMMANDS } from "../../src/cli/commands.ts";
import { SHELLS } from "../../src/cli/completions/shells.ts";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { debianProgram, testWith } from "../helpers/needs.ts";
import { runTroupe, temporaryDirectory } from "./stage.ts";

/** What stands on the line, the last word up to the cursor. */
type Line = readonly string[];

/** What a shell offers there. */
type Complete = (line: Line, cwd: string) => Promise<string[]>;

/** For a shell that waits for what never comes. */
const DEADLINE_MS = 20_000;

async function run(shell: string, args: readonly string[], cwd: string): Promise<string[]> {
  const env = { HOME: cwd, TERM: "dumb" };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const command = new Deno.Command(shell, { args: [...args], cwd, env, stdin: "null", signal });
  const { stdout, stderr } = await command.output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split(/\r?\n/).filter((word) => word !== "").toSorted();
}

const script = async (shell: string) => (await runTroupe(["completions", shell])).stdout;

function bash(executable: string): Complete {
  return async (line, cwd) => {
    const ask =
      'COMP_WORDS=(troupe "$@"); COMP_CWORD=$#; _troupe; printf "%s\\n" "${COMPREPLY[@]}"';
    const flags = ["--norc", "--noprofile", "-c"];
    return await run(
      executable,
      [...flags, `${await script("bash")}\n${ask}`, "bash", ...line],
      cwd,
    );
  };
}

function fish(executable: string): Complete {
  return async (line, cwd) => {
    const ask = "complete -C $argv[1]";
    const args = ["-N", "-c", `${await script("fish")}\n${ask}`, ["troupe", ...line].join(" ")];
    return (await run(executable, args, cwd)).map((each) => each.split("\t")[0]!);
  };
}

/** Presses the key in a terminal and prints what would be inserted, instead of inserting it. */
const CAPTURE = String.raw`
zmodload zsh/zpty
zpty terminal zsh -f -i
zpty -w terminal "source $1; echo loaded-$((40 + 2))"
zpty -r -m terminal output '*loaded-42*'
zpty -w -n terminal "troupe ${"${argv[2,-1]}"}"$'\t'
zpty -r -m terminal output '*<<BEGIN>>*<<END>>*'
output=${"${${output#*<<BEGIN>>}%<<END>>*}"}
print -r -- $output
zpty -d terminal
`;

const CAPTURED = String.raw`
PROMPT= RPROMPT=
autoload -Uz compinit
compinit -C -d ~/.zcompdump
bindkey '^I' complete-word
before_all() { echo '<<BEGIN>>' }
after_all() { echo '<<END>>'; exit }
compprefuncs=(before_all)
comppostfuncs=(after_all)
compadd() {
  if [[ ${"${@[1,(i)(-|--)]}"} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) || return 1
  print -rl -- $hits
}
`;

function zsh(executable: string): Complete {
  return async (line, cwd) => {
    await using folder = await temporaryDirectory();
    const loaded = `${folder.path}/loaded.zsh`;
    await Deno.writeTextFile(loaded, `${CAPTURED}\n${await script("zsh")}`);
    return await run(executable, ["-f", "-c", CAPTURE, "zsh", loaded, ...line], cwd);
  };
}

const names = COMMANDS.map(({ name }) => name).toSorted();
const starting = (start: string) => names.filter((name) => name.startsWith(start));

const EXPECTED: readonly (readonly [what: string, line: Line, offered: readonly string[]])[] = [
  ["a command", ["he"], starting("he")],
  ["a flag of serve", ["--log-f"], ["--log-format"]],
  ["a flag of a command", ["connect", "--comp"], ["--compression"]],
  ["no flag of another command", ["check", "--comp"], []],
  ["the words of a flag", ["--engine", ""], ["auto", "native", "ws"]],
  ["the words of a flag of serve", ["serve", "--log-format", "t"], ["text"]],
  ["nothing for a free value", ["--port", ""], []],
  ["a file", ["check", "-c", "tro"], ["troupe.jsonc"]],
  ["a shell", ["completions", "f"], ["fish"]],
  ["a command to help with", ["help", "ch"], ["check"]],
];

for (const [shell, createComplete] of [["bash", bash], ["fish", fish], ["zsh", zsh]] as const) {
  testWith(debianProgram(shell), `troupe completions ${shell} completes`, async (executable, t) => {
    await using folder = await temporaryDirectory();
    await Deno.writeTextFile(`${folder.path}/troupe.jsonc`, "");
    const complete = createComplete(executable);
    for (const [what, line, offered] of EXPECTED) {
      await t.step(what, async () => {
        const words = await complete(line, folder.path);
        assertEquals(words.map((word) => word.replace(/=$/, "")), offered);
      });
    }
    await t.step("every command", async () => {
      const words = await complete([""], folder.path);
      assertEquals(words.filter((word) => !word.startsWith("-")), names);
    });
  });
}

testWith(
  debianProgram("bash"),
  "troupe completions bash completes --flag=value",
  async (executable) => {
    const complete = bash(executable);
    assertEquals(await complete(["--engine", "=", "n"], "/"), ["native"]);
    assertEquals(await complete(["--engine", "="], "/"), ["auto", "native", "ws"]);
  },
);

Deno.test("troupe completions refuses a shell that it does not know", async () => {
  for (const [args, why] of [[[], "none is named"], [["tcsh"], '"tcsh"']] as const) {
    const { code, stderr } = await runTroupe(["completions", ...args]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, why);
    assertStringIncludes(stderr, `expected ${SHELLS.join(", ")}`);
  }
});
