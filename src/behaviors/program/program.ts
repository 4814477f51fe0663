/**
 * The behaviour `program`: a process whose code is a program in any language.
 *
 * @module
 */

import type { Process } from "../../actor/mod.ts";
import {
  baseEnvironment,
  type ChildEnd,
  type FormatFactory,
  ProgramEndedError,
  type ProgramFormat,
  type ProgramOptions,
  type ResolvedProgram,
  resolveProgram,
  runProgram,
} from "../../programs/mod.ts";
import { CLOSE_CODES, type ConnectMessage, isConnect, MESSAGE_TYPE } from "../../websocket/mod.ts";
import { cgiEnvironment } from "./cgi.ts";
import { ConnectionFormat } from "./connection_format.ts";
import { LengthFraming, LineFraming } from "./framings.ts";
import { JsonFormat } from "./json_format.ts";

const FORMATS: Readonly<Record<ProgramFormat, (only?: ConnectMessage) => FormatFactory>> = {
  json: (only) => (session) => new JsonFormat(session, only),
  lines: (only) => (session) =>
    new ConnectionFormat(session, new LineFraming(session.maxBytes), only),
  bytes: (only) => (session) =>
    new ConnectionFormat(session, new LengthFraming(session.maxBytes), only),
};

/** What the system is told, with what a connection adds to the environment. */
function runOptions(self: Process, options: ResolvedProgram, more: Record<string, string> = {}) {
  const { command, cwd, env, maxMessageBytes } = options;
  return {
    command,
    cwd,
    env: { ...baseEnvironment(self), ...more, ...env },
    maxBytes: maxMessageBytes,
  };
}

/**
 * A process whose code is a program, which `env` describes: what is in its mailbox is
 * written to the program's standard input, and what that writes to its standard output is sent.
 *
 * A program that ends is the end of its process, with `panic` unless its exit code is 0; a
 * supervisor starts both again. One that is not read in time fills the mailbox, so connections
 * are paused or closed with 1013. Its standard error goes to the log, a line each. Asked to
 * stop, it reads what is in the mailbox, then the end of its standard input; after 2 s its
 * group gets SIGTERM, after another 3 s SIGKILL: give the process a `stopTimeoutMs` of more
 * than 5.25 s. Half a line at its end is left out, unless it ended with exit code 0.
 *
 * @throws {ProgramStartError} If the system does not start it.
 * @throws {ProgramEndedError} If it ended by itself, and not with exit code 0.
 * @throws {ProgramOutputError} If it wrote a line or message longer than `maxMessageBytes`.
 *
 * @example
 * ```ts
 * import { createNode, program } from "@troupe/troupe";
 *
 * await using node = createNode();
 * // It reads the call, and answers each line with the same reply.
 * const script = `while read -r line; do echo '{"reply": 1, "value": "hello"}'; done`;
 * const greeter = node.spawn(program, { env: { command: ["sh", "-c", script] } });
 * console.log(await node.call(greeter, "who is there?")); // "hello"
 * ```
 */
export async function program(self: Process<unknown, ProgramOptions>): Promise<void> {
  const options = resolveProgram(self.env);
  const own = self as unknown as Process;
  if (options.perConnection) return await serveOne(own, options);
  const end = await runProgram(own, runOptions(own, options), FORMATS[options.format]());
  if (own.signal.aborted) return;
  const failure = failureOf(options, end);
  if (failure !== undefined) throw failure;
  own.log.info("Program {program} ended with exit code 0", { program: options.command[0] });
}

function failureOf({ command }: ResolvedProgram, { code, signal }: ChildEnd) {
  return code === 0 && signal === null
    ? undefined
    : new ProgramEndedError(command[0]!, code, signal);
}

/** Waits for a connection, runs the program for it, and closes it when that has ended. */
async function serveOne(self: Process, options: ResolvedProgram): Promise<void> {
  const connect = await firstConnect(self);
  if (connect === undefined) return;
  const run = runOptions(self, options, cgiEnvironment(connect));
  let isClean = false;
  try {
    const end = await runProgram(self, run, FORMATS[options.format](connect));
    const failure = failureOf(options, end);
    isClean = failure === undefined;
    // With it a client is to blame as often as the program: no panic, which would be an alarm.
    if (!isClean && !self.signal.aborted) self.log.warn("{error}", { error: failure!.message });
  } finally {
    await close(self, connect.id, isClean);
  }
}

async function firstConnect(self: Process): Promise<ConnectMessage | undefined> {
  for await (const { message, reply } of self) {
    if (isConnect(message)) return message;
    reply?.(new TypeError("Cannot answer: the program has no connection yet"));
  }
  return undefined;
}

/** Once it has all that the program wrote; the end of this process would pass before that. */
async function close(self: Process, id: ConnectMessage["id"], isClean: boolean): Promise<void> {
  const { code } = isClean ? CLOSE_CODES.normal : CLOSE_CODES.serverError;
  const reason = isClean ? "" : "program failed";
  try {
    await self.call(id, { kind: "message", type: MESSAGE_TYPE.close, code, reason });
  } catch {
    // It was the first to close.
  }
}
