/**
 * Help texts, made from the table of commands.
 *
 * @module
 */

import { type Command, COMMANDS } from "./commands.ts";
import type { Flag } from "./flags.ts";

const EXIT_CODES = "Exit codes: 0 clean, 1 could not run, 2 wrong use or invalid configuration.\n";

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}

function flagRow(flag: Flag): readonly [string, string] {
  const short = flag.alias === undefined ? "    " : `-${flag.alias}, `;
  const value = flag.value === undefined ? "" : ` <${flag.value}>`;
  return [`${short}--${flag.name}${value}`, flag.help];
}

/** Help of the whole command line. */
export function generalHelp(): string {
  const rows = COMMANDS.map(({ usage, summary }) => [`troupe ${usage}`, summary] as const);
  return "Troupe: a WebSocket server in which every connection is an actor.\n\n" +
    columns(rows) +
    "\n`troupe help COMMAND` tells more about one.\n" + EXIT_CODES;
}

/** Help of one command. */
export function commandHelp(command: Command): string {
  const details = command.details === "" ? "" : `\n${command.details}\n`;
  return `${command.summary}\n\nUsage: troupe ${command.usage}\n${details}\nFlags:\n` +
    `${columns(command.flags.map(flagRow))}\n${EXIT_CODES}`;
}
