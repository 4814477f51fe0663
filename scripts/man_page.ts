/**
 * Writes the manual page: the table of commands and flags in mdoc(7).
 *
 * Usage: `deno run --allow-write=dist scripts/man_page.ts [FILE]`; without a file
 * it is `dist/troupe.1`.
 *
 * @module
 */

import { VERSION } from "../src/cli/mod.ts";
import { type Command, COMMANDS } from "../src/cli/commands.ts";
import type { Flag } from "../src/cli/flags.ts";

/** A text that mdoc prints as it is. */
function plain(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll(/^['.]/gm, "\\&$&");
}

/** One argument of a macro, whatever it contains. */
function argument(text: string): string {
  return `"${plain(text).replaceAll('"', "\\(dq")}"`;
}

/** Each sentence on a line of its own. */
function sentences(text: string): string {
  return plain(text.replaceAll("\n", " ")).replaceAll(/([.!?]) /g, "$1\n");
}

/** Sections of a text that an empty line divides. */
function paragraphs(text: string): string {
  return text.split("\n\n").map(sentences).join("\n.Pp\n");
}

function flagItem({ name, alias, value, help }: Flag): string {
  const short = alias === undefined ? "" : `Fl ${alias} , `;
  const taken = value === undefined ? "" : ` Ar ${argument(value)}`;
  // The macro prints one hyphen, and the name of a long flag begins with the other.
  return `.It ${short}Fl \\-${plain(name)}${taken}\n${sentences(help)}.\n`;
}

function commandSection({ usage, summary, details, flags }: Command): string {
  const about = details === "" ? "" : `.Pp\n${paragraphs(details)}\n`;
  return `.Ss ${argument(`troupe ${usage}`)}\n${sentences(summary)}.\n${about}` +
    `.Bl -tag -width Ds\n${flags.map(flagItem).join("")}.El\n`;
}

const EXIT_STATUS = `.Bl -tag -width Ds
.It 0
It ended as it was asked to.
.It 1
It could not run.
.It 2
Wrong use, or a configuration that is not valid.
.El
`;

/** The page, with the day of the release. */
export function manPage(commands: readonly Command[], version: string, day: Date): string {
  const month = day.toLocaleString("en", { month: "long", timeZone: "UTC" });
  return `.Dd ${month} ${day.getUTCDate()}, ${day.getUTCFullYear()}
.Dt TROUPE 1
.Os "Troupe ${version}"
.Sh NAME
.Nm troupe
.Nd WebSocket server in which every connection is an actor
.Sh SYNOPSIS
.Nm
.Op Ar command
.Op Ar arguments
.Sh DESCRIPTION
Every connection is a process with an address, and any process can send to it.
Without a command the server runs.
.Sh COMMANDS
${commands.map(commandSection).join("")}.Sh ENVIRONMENT
.Bl -tag -width Ds
.It Ev TROUPE_*
Keys of the configuration, such as
.Ev TROUPE_LISTEN_PORT .
.It Ev NOTIFY_SOCKET
Socket of a service manager that is told when the server is ready.
.El
.Sh EXIT STATUS
${EXIT_STATUS}`;
}

if (import.meta.main) {
  const [file = "dist/troupe.1"] = Deno.args;
  await Deno.writeTextFile(file, manPage(COMMANDS, VERSION, new Date()));
}
