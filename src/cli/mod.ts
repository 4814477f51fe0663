/**
 * The command line: arguments to an exit code.
 *
 * @module
 */

import { ConfigError, configJsonSchema } from "../config/mod.ts";
import { ServerStartError } from "../server/mod.ts";
import { escapeControls, nearestName, quote, redactText } from "../text/mod.ts";
import { runCheck } from "./check_command.ts";
import { type Command, COMMAND_NAMES, COMMANDS, findCommand } from "./commands.ts";
import { completionScript } from "./completions/script.ts";
import { runConnect } from "./connect_command.ts";
import { flagAssignments, type ParsedFlags, parseFlags, UsageError } from "./flags.ts";
import { runHealth } from "./health_command.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { runInit } from "./init_command.ts";
import { type CliIo, denoIo } from "./io.ts";
import { OperatorError } from "./operator_client.ts";
import { runOperator, runTap } from "./operator_commands.ts";
import { runTop } from "./top_command.ts";
import { runServe } from "./serve_command.ts";
import { versionText } from "./version.ts";

export type { CliIo } from "./io.ts";
export { VERSION } from "./version.ts";

function commandNamed(name: string): Command {
  const command = findCommand(name);
  if (command !== undefined) return command;
  throw new UsageError(
    `Cannot run ${quote(name)}: there is no such command; did you mean ${
      nearestName(name, COMMAND_NAMES)
    }`,
  );
}

function splitCommand(args: readonly string[]): { command: Command; rest: readonly string[] } {
  const [first] = args;
  if (first === "--version" || first === "-V") {
    return { command: commandNamed("version"), rest: [] };
  }
  if (first === "--help" || first === "-h") return { command: commandNamed("help"), rest: [] };
  if (first === undefined || first.startsWith("-")) return { command: COMMANDS[0]!, rest: args };
  return { command: commandNamed(first), rest: args.slice(1) };
}

async function run(command: Command, parsed: ParsedFlags, io: CliIo): Promise<number> {
  const [positional] = parsed.positionals;
  const file = parsed.values.get("config")?.[0];
  switch (command.name) {
    case "serve":
      return await runServe(file, flagAssignments(parsed, command.flags), io);
    case "check":
      return await runCheck(file, io);
    case "connect":
      return await runConnect(positional ?? "", parsed, io);
    case "health":
      return await runHealth(positional, parsed, command.flags, io);
    case "send":
    case "ask":
    case "kick":
      return await runOperator(command.name, parsed, io);
    case "tap":
      return await runTap(parsed, io);
    case "top":
      return await runTop(parsed, io);
    case "completions":
      io.stdout(completionScript(positional));
      return 0;
    case "init":
      return await runInit(positional ?? ".", io);
    case "schema":
      io.stdout(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
      return 0;
    case "version":
      io.stdout(versionText());
      return 0;
    default:
      io.stdout(positional === undefined ? generalHelp() : commandHelp(commandNamed(positional)));
      return 0;
  }
}

/** Whether the text of an error says by itself what could not be done. */
function isWhole(error: unknown): boolean {
  return error instanceof ServerStartError || error instanceof OperatorError;
}

function reportError(error: unknown, io: CliIo): number {
  if (error instanceof ConfigError) {
    io.stderr(`${error.message}\n`);
    return 2;
  }
  if (error instanceof UsageError) {
    io.stderr(`${error.message}\nTry: troupe help\n`);
    return 2;
  }
  const text = error instanceof Error ? error.message : String(error);
  io.stderr(`${isWhole(error) ? "" : "Cannot run: "}${escapeControls(text)}\n`);
  return 1;
}

/** Time for the last lines of a server to be read, in milliseconds. */
const LAST_LINES_MS = 1000;

/**
 * Waits for the readers of what was written: those of a command without end, as
 * any program does, and those of a server, which has to be gone in time, for a bit.
 */
async function endOutput(isServer: boolean, code: number, io: CliIo): Promise<number> {
  const signal = () => isServer ? AbortSignal.timeout(LAST_LINES_MS) : undefined;
  const fault = await io.end?.(signal());
  if (fault === undefined) return code;
  const text = fault instanceof Error ? fault.message : String(fault);
  io.stderr(`Cannot write to standard output: ${escapeControls(text)}\n`);
  await io.end?.(signal());
  return code || 1;
}

/**
 * Runs the command line and resolves with its exit code: 0 clean, 1 could not
 * run or not write all of its output, 2 wrong use or invalid configuration. A
 * reader of the output that has gone is no failure. Never rejects.
 */
export async function runCli(args: readonly string[], io: CliIo = denoIo()): Promise<number> {
  const [first] = args;
  const isServer = first === undefined || first.startsWith("-") || first === "serve";
  // Whatever an error quotes. Not a copy: who asks for the working directory needs one.
  const careful: CliIo = Object.create(io, {
    stderr: { value: (text: string) => io.stderr(redactText(text)) },
  });
  return await endOutput(isServer, await runArguments(args, careful), careful);
}

async function runArguments(args: readonly string[], io: CliIo): Promise<number> {
  try {
    const { command, rest } = splitCommand(args);
    const parsed = parseFlags(rest, command.flags);
    if (parsed.values.has("help")) {
      io.stdout(commandHelp(command));
      return 0;
    }
    const extra = parsed.positionals[command.positionals];
    if (extra !== undefined) {
      throw new UsageError(`Cannot use argument ${quote(extra)}: ${command.name} takes no such`);
    }
    return await run(command, parsed, io);
  } catch (error) {
    return reportError(error, io);
  }
}
