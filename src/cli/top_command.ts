/**
 * `troupe top`: the busiest actors of a server, once a second.
 *
 * @module
 */

import { escapeControls } from "../text/mod.ts";
import { type ParsedFlags, UsageError } from "./flags.ts";
import type { CliIo } from "./io.ts";
import { createOperatorClient, type OperatorClient } from "./operator_client.ts";

/** How often it looks, in milliseconds, and at how many actors. */
const PERIOD_MS = 1_000;
const ROWS = 30;

const SORTS = ["mailbox", "accepted", "overflows", "name", "id"];

/** What is seen at one look. */
interface Look {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  readonly actors: readonly Readonly<Record<string, unknown>>[];
}

async function look(client: OperatorClient, sort: string): Promise<Look> {
  const [{ nodes }, { actors }] = await Promise.all([
    client.ask("GET", "/nodes"),
    client.ask("GET", `/actors?sort=${sort}&limit=${ROWS}`),
  ]) as [Pick<Look, "nodes">, Pick<Look, "actors">];
  return { nodes, actors };
}

const COLUMNS = [
  ["NAME", "name", 20],
  ["KIND", "kind", 8],
  ["STATE", "state", 9],
  ["MAILBOX", "mailbox", -8],
  ["ACCEPTED", "accepted", -10],
  ["REFUSED", "overflows", -8],
  ["ID", "id", 40],
] as const;

function cell(value: unknown, width: number): string {
  const size = Math.abs(width);
  const text = escapeControls(String(value ?? "")).slice(0, size);
  return width < 0 ? text.padStart(size) : text.padEnd(size);
}

/** One table of text. */
export function renderTop({ nodes, actors }: Look): string {
  const heads = nodes.map(({ name, actors, connections, uptimeMs }) =>
    `${escapeControls(String(name))}: ${actors} actors, ${connections} connections, up ` +
    `${Math.round(Number(uptimeMs) / 1000)} s`
  );
  const head = COLUMNS.map(([title, , width]) => cell(title, width)).join(" ").trimEnd();
  const rows = actors.map((actor) =>
    COLUMNS.map(([, key, width]) => cell(actor[key], width)).join(" ").trimEnd()
  );
  return [...heads, "", head, ...rows, ""].join("\n");
}

/** Clears a terminal and puts the cursor into its first corner. */
const CLEAR = "\x1b[H\x1b[2J";

/** Shows the table until a signal ends it; with `--once` one time. */
export async function runTop(parsed: ParsedFlags, io: CliIo): Promise<number> {
  const [sort = "mailbox"] = parsed.values.get("sort") ?? [];
  if (!SORTS.includes(sort)) {
    throw new UsageError(`Cannot sort by ${sort}: expected one of ${SORTS.join(", ")}`);
  }
  const client = createOperatorClient(parsed, io);
  const isJson = parsed.values.has("json");
  const show = (seen: Look) => isJson ? `${JSON.stringify(seen)}\n` : renderTop(seen);
  if (parsed.values.has("once")) {
    io.stdout(show(await look(client, sort)));
    return 0;
  }
  const over = Promise.withResolvers<true>();
  const end = () => over.resolve(true);
  for (const signal of ["SIGINT", "SIGTERM"] as const) io.signals.addSignalListener(signal, end);
  const encoder = new TextEncoder();
  try {
    for (let isOver = false; !isOver;) {
      const text = show(await look(client, sort));
      const page = io.isTerminal && !isJson ? CLEAR + text : text;
      if (!await io.writeOutput(encoder.encode(page))) return 0;
      isOver = await nextTurn(over.promise);
    }
    return 0;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      io.signals.removeSignalListener(signal, end);
    }
  }
}

async function nextTurn(over: Promise<true>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const turn = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PERIOD_MS);
  });
  return await Promise.race([over, turn]).finally(() => clearTimeout(timer));
}
