/**
 * Completion in bash, also the one of macOS (3.2), without the package for it.
 *
 * @module
 */

import type { Command } from "../commands.ts";
import type { Completes, Flag } from "../flags.ts";
import { shellWord } from "./shells.ts";

/** Arguments of `compgen` that make what is offered. */
function generator(completes: Completes, commands: readonly Command[]): string {
  if (completes === "file") return "-f";
  if (completes === "directory") return "-d";
  const words = completes === "command" ? commands.map(({ name }) => name) : completes;
  return `-W ${shellWord(words.join(" "))}`;
}

function spellings({ name, alias }: Flag): string[] {
  return alias === undefined ? [`--${name}`] : [`--${name}`, `-${alias}`];
}

/** What comes after a flag that takes a value. */
function valueCases({ name, flags }: Command, commands: readonly Command[]): string[] {
  return flags.flatMap((flag) => {
    if (flag.value === undefined) return [];
    const pattern = spellings(flag).map((each) => `"${name} ${each}"`).join(" | ");
    const offer = flag.completes === undefined
      ? ""
      : ` _troupe_offer ${generator(flag.completes, commands)};`;
    return [`    ${pattern})${offer} return ;;`];
  });
}

/** What comes in any other place: flags, and arguments that are none. */
function wordCase(command: Command, commands: readonly Command[]): string {
  const flags = command.flags.flatMap(spellings).join(" ");
  const { completes } = command;
  const other = completes === undefined ? "" : ` _troupe_offer ${generator(completes, commands)};`;
  return `    ${command.name}) _troupe_offer -W '${flags}';${other} ;;`;
}

/** A script that bash reads. */
export function bashScript(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  return `# Completion of troupe in bash
_troupe_offer() {
  local IFS=$' \\t\\n' kind=$1
  [ "$kind" = -W ] || compopt -o filenames 2>/dev/null
  local words
  words=$(compgen "$@" -- "$word")
  IFS=$'\\n'
  COMPREPLY+=($words)
}

_troupe() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=${names[0]}
  COMPREPLY=()
  # --flag=value is three words.
  if [ "$word" = "=" ]; then word=; elif [ "$before" = "=" ]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [ "$COMP_CWORD" -gt 1 ]; then
    case \${COMP_WORDS[1]} in
    ${names.join(" | ")}) command=\${COMP_WORDS[1]} ;;
    esac
  fi
  case "$command $before" in
${commands.flatMap((command) => valueCases(command, commands)).join("\n")}
  esac
  case $command in
${commands.map((command) => wordCase(command, commands)).join("\n")}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then _troupe_offer -W '${names.join(" ")}'; fi
}

complete -F _troupe troupe
`;
}
