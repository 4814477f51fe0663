/**
 * `troupe send`, `ask`, `kick` and `tap`: the operator's API from a terminal.
 *
 * @module
 */

import { escapeControls } from "../text/mod.ts";
import { type ParsedFlags, UsageError } from "./flags.ts";
import type { CliIo } from "./io.ts";
import { createOperatorClient, type OperatorClient } from "./operator_client.ts";

/** JSON if it is, else the text itself. */
function readMessage(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function flag(parsed: ParsedFlags, name: string): string | undefined {
  return parsed.values.get(name)?.[0];
}

/** A client gets a text as it is, and anything else as JSON. */
function toClient(text: string): Record<string, unknown> {
  return { text };
}

function isAlias(target: string): boolean {
  return target.startsWith("Alias#");
}

function print(io: CliIo, value: unknown): void {
  io.stdout(`${JSON.stringify(value, null, io.isTerminal ? 2 : 0)}\n`);
}

/** Where a message goes: an actor, or everybody in a room, on a topic, of a user. */
async function send(client: OperatorClient, parsed: ParsedFlags): Promise<unknown> {
  const [room, topic, user] = ["room", "topic", "user"].map((name) => flag(parsed, name));
  const named = [room, topic, user].filter((each) => each !== undefined).length;
  const positionals = parsed.positionals;
  const expected = named === 0 ? 2 : 1;
  if (named > 1 || positionals.length !== expected) {
    throw new UsageError(
      "Cannot send: expected TARGET MESSAGE, or one of --room, --topic, --user with MESSAGE",
    );
  }
  const text = positionals.at(-1)!;
  const event = flag(parsed, "event");
  if (room !== undefined) {
    const body = event === undefined ? toClient(text) : { event, data: readMessage(text) };
    return await client.ask("POST", `/rooms/${encodeURIComponent(room)}/publish`, body);
  }
  if (topic !== undefined) {
    const path = `/topics/${encodeURIComponent(topic)}/publish`;
    return await client.ask("POST", path, { data: readMessage(text) });
  }
  if (user !== undefined) {
    return await client.ask("POST", `/users/${encodeURIComponent(user)}/send`, toClient(text));
  }
  const [target = ""] = positionals;
  const body = isAlias(target) ? toClient(text) : { message: readMessage(text) };
  return await client.ask("POST", `/actors/${encodeURIComponent(target)}/send`, body);
}

async function ask(client: OperatorClient, parsed: ParsedFlags): Promise<unknown> {
  const [target, text] = parsed.positionals;
  if (target === undefined || text === undefined) {
    throw new UsageError("Cannot ask: expected TARGET MESSAGE");
  }
  const timeout = flag(parsed, "timeout");
  const query = timeout === undefined ? "" : `?timeout=${encodeURIComponent(timeout)}`;
  const path = `/actors/${encodeURIComponent(target)}/ask${query}`;
  const { answer } = await client.ask("POST", path, { message: readMessage(text) }) as {
    answer: unknown;
  };
  return answer;
}

/** The query of those flags that were given. */
function queryOf(parsed: ParsedFlags, names: readonly string[]): string {
  const query = new URLSearchParams();
  for (const name of names) {
    const value = flag(parsed, name);
    if (value !== undefined) query.set(name, value);
  }
  return query.size === 0 ? "" : `?${query}`;
}

const FILTERS = ["user", "ip", "endpoint"];

async function kick(client: OperatorClient, parsed: ParsedFlags): Promise<unknown> {
  const [target] = parsed.positionals;
  const isFiltered = FILTERS.some((name) => flag(parsed, name) !== undefined);
  if ((target !== undefined) === isFiltered) {
    throw new UsageError("Cannot kick: expected TARGET, or some of --user, --ip, --endpoint");
  }
  if (target === undefined) {
    const query = queryOf(parsed, [...FILTERS, "code", "reason"]);
    return await client.ask("DELETE", `/connections${query}`);
  }
  const query = queryOf(parsed, ["code", "reason"]);
  return await client.ask("DELETE", `/actors/${encodeURIComponent(target)}${query}`);
}

const COMMANDS = { send, ask, kick } as const;

/** Runs one of the commands that ask once and print the answer. */
export async function runOperator(
  command: keyof typeof COMMANDS,
  parsed: ParsedFlags,
  io: CliIo,
): Promise<number> {
  print(io, await COMMANDS[command](createOperatorClient(parsed, io), parsed));
  return 0;
}

const TAPPED = ["actor", "room", "user", "endpoint"];

/** Prints what passes, one line of JSON each, until a signal or the server ends it. */
export async function runTap(parsed: ParsedFlags, io: CliIo): Promise<number> {
  if (TAPPED.filter((name) => flag(parsed, name) !== undefined).length !== 1) {
    throw new UsageError("Cannot tap: expected one of --actor, --room, --user, --endpoint");
  }
  const client = createOperatorClient(parsed, io);
  const over = new AbortController();
  const end = () => over.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) io.signals.addSignalListener(signal, end);
  try {
    const body = await client.stream(`/tap${queryOf(parsed, TAPPED)}`, over.signal);
    await printEvents(body, io, end);
    return 0;
  } catch (error) {
    if (over.signal.aborted) return 0;
    throw error;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      io.signals.removeSignalListener(signal, end);
    }
  }
}

/** The data of each event, as a line. */
async function printEvents(
  body: ReadableStream<Uint8Array>,
  io: CliIo,
  end: () => void,
): Promise<void> {
  const encoder = new TextEncoder();
  let rest = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith("data: ")) continue;
      const text = `${escapeControls(line.slice("data: ".length))}\n`;
      // Nobody reads it any more.
      if (!await io.writeOutput(encoder.encode(text))) return end();
    }
  }
}
