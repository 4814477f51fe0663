/**
 * Completion in zsh, by its own `_arguments`.
 *
 * @module
 */

import type { Command } from "../commands.ts";
import type { Completes, Flag } from "../flags.ts";
import { shellWord } from "./shells.ts";

/** A text where these characters mean something to `_arguments` or `_describe`. */
function plain(text: string, special: RegExp): string {
  return text.replace(special, "\\$&");
}

function action(completes: Completes | undefined): string {
  if (completes === undefined) return " ";
  if (completes === "file") return "_files";
  if (completes === "directory") return "_files -/";
  return completes === "command" ? "_troupe_commands" : `(${completes.join(" ")})`;
}

function flagSpecs(flag: Flag): string[] {
  const { name, alias, value, repeatable, help, completes } = flag;
  const spellings = alias === undefined ? [`--${name}`] : [`--${name}`, `-${alias}`];
  const before = repeatable ? "*" : `(${spellings.join(" ")})`;
  const text = `[${plain(help, /[\\\[\]:]/g)}]`;
  return spellings.map((spelling) => {
    const argument = value === undefined ? "" : `:${plain(value, /[\\:]/g)}:${action(completes)}`;
    const takes = value === undefined ? "" : spelling.startsWith("--") ? "=" : "+";
    return shellWord(`${before}${spelling}${takes}${text}${argument}`);
  });
}

function commandCase({ name, flags, positionals, completes }: Command): string {
  const specs = flags.flatMap(flagSpecs);
  for (let i = 0; i < positionals; i++) specs.push(shellWord(`::argument:${action(completes)}`));
  return `  ${name})\n    _arguments -S ${specs.join(" \\\n      ")}\n    ;;`;
}

/** A script that zsh reads, also as a file \`_troupe\` in its `fpath`. */
export function zshScript(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) =>
    `    ${shellWord(`${name}:${plain(summary, /[\\:]/g)}`)}`
  );
  const names = commands.map(({ name }) => name);
  return `#compdef troupe
# Completion of troupe in zsh

_troupe_commands() {
  local -a commands=(
${described.join("\n")}
  )
  _describe -t commands command commands
}

_troupe() {
  local command=${names[0]} position=$CURRENT
  if (( CURRENT > 2 )); then
    case $words[2] in
    ${names.join("|")})
      command=$words[2]
      shift words
      (( CURRENT-- ))
      ;;
    esac
  fi
  case $command in
${commands.map(commandCase).join("\n")}
  esac
  if (( position == 2 )); then _troupe_commands; fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _troupe "$@"
else
  compdef _troupe troupe
fi
`;
}
