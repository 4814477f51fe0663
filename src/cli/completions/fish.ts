/**
 * Completion in fish.
 *
 * @module
 */

import type { Command } from "../commands.ts";
import type { Completes, Flag } from "../flags.ts";
import { fishWord } from "./shells.ts";

/** Arguments of `complete` that make what is offered. */
function offer(completes: Completes, commands: readonly Command[]): string {
  if (completes === "file") return " -F";
  if (completes === "directory") return " -a '(__fish_complete_directories)'";
  const words = completes === "command" ? commands.map(({ name }) => name) : completes;
  return ` -a ${fishWord(words.join(" "))}`;
}

function flagLine(flag: Flag, condition: string, commands: readonly Command[]): string {
  const { name, alias, value, help, completes } = flag;
  const short = alias === undefined ? "" : ` -s ${alias}`;
  const takes = value === undefined ? "" : completes === "file" ? " -r" : " -x";
  const words = completes === undefined ? "" : offer(completes, commands);
  return `complete -c troupe ${condition}${short} -l ${name}${takes}${words} -d ${fishWord(help)}`;
}

function commandLines(command: Command, commands: readonly Command[]): string[] {
  const condition = `-n '__troupe_runs ${command.name}'`;
  const { completes } = command;
  return [
    ...command.flags.map((flag) => flagLine(flag, condition, commands)),
    ...completes === undefined
      ? []
      : [`complete -c troupe ${condition}${offer(completes, commands)}`],
  ];
}

/** A script that fish reads. */
export function fishScript(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  const first = commands.map(({ name, summary }) =>
    `complete -c troupe -n __troupe_begins -a ${name} -d ${fishWord(summary)}`
  );
  return `# Completion of troupe in fish
function __troupe_begins
  test (count (commandline -opc)) -eq 1
end

function __troupe_runs
  set -l words (commandline -opc)
  if contains -- "$words[2]" ${names.join(" ")}
    test "$words[2]" = $argv[1]
  else
    test $argv[1] = ${names[0]}
  end
end

complete -c troupe -f
${first.join("\n")}
${commands.flatMap((command) => commandLines(command, commands)).join("\n")}
`;
}
