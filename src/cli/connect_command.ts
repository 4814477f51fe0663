/**
 * `troupe connect`: an interactive WebSocket client, in a terminal or a pipe.
 *
 * @module
 */

import {
  type ClientEnd,
  type ClientOptions,
  DialError,
  findBadProtocol,
  isSendableHeader,
  runClient,
  TOKEN_CHARACTERS,
  toWebSocketUrl,
} from "../client/mod.ts";
import { escapeControls, parseDuration, quote, REDACTED, redactUrl } from "../text/mod.ts";
import { readAuthorities } from "./authorities.ts";
import { type ParsedFlags, UsageError } from "./flags.ts";
import type { CliIo } from "./io.ts";
import { readLines } from "./lines.ts";

/** Defaults of `troupe connect` that are not those of every connection. */
export const CONNECT_DEFAULTS: Readonly<{ lingerMs: number; maxMessageBytes: number }> = Object
  .freeze({ lingerMs: 500, maxMessageBytes: 67_108_864 });

/** After a second signal, as with `troupe serve`. */
const EXIT_FORCED = 1;

/** Exit codes beyond 0, 1 and 2. */
const EXIT_AGAIN = 3;
const EXIT_REFUSED = 4;
const EXIT_BROKEN = 5;

const AGAIN = [1001, 1012, 1013];
const REFUSED = [1002, 1003, 1007, 1008, 1009, 1010];

/**
 * Exit code for the close code of a connection: 0 normal end, 3 the server
 * went away and may be tried again, 4 it did not accept what it got, 5 the
 * connection broke or the server failed.
 */
export function exitCodeOf(code: number): number {
  if (code === 1000 || code === 1005) return 0;
  if (AGAIN.includes(code) || (code >= 4000 && code < 4500)) return EXIT_AGAIN;
  if (REFUSED.includes(code) || (code >= 4500 && code < 5000)) return EXIT_REFUSED;
  return EXIT_BROKEN;
}

/** What a header with a secret speaks of somewhere. */
const SECRET_HEADER = /auth|bearer|cookie|credential|jwt|key|pass|pwd|secret|session|sign|token/i;

/** A header; of one that may be secret, the first word. */
function shownHeader(text: string): string {
  const end = text.search(/[\s:]/);
  if (end === -1 || !SECRET_HEADER.test(text)) return text;
  return `${text.slice(0, end)}${text[end] === ":" ? ":" : ""} ${REDACTED}`;
}

/**
 * Headers of `Name: value` texts; the same name twice is joined by a comma.
 *
 * @throws {UsageError} If one has another form.
 */
export function parseHeaders(texts: readonly string[]): Record<string, string> {
  const headers = new Headers();
  for (const text of texts) {
    const colon = text.indexOf(":");
    const name = text.slice(0, Math.max(colon, 0));
    const value = text.slice(colon + 1).trim();
    if (!isSendableHeader(name, value)) {
      throw new UsageError(
        `Cannot use --header ${quote(shownHeader(text))}: ` +
          'expected "Name: value" in Latin-1, ' +
          `the name of ${TOKEN_CHARACTERS}`,
      );
    }
    headers.append(name, value);
  }
  return Object.fromEntries(headers);
}

function durationOf(flags: ParsedFlags, name: string): number | undefined {
  const [given] = flags.values.get(name) ?? [];
  if (given === undefined) return undefined;
  const value = parseDuration(/^\d+$/.test(given) ? Number(given) : given);
  if (value !== undefined && (value > 0 || name === "wait")) return value;
  throw new UsageError(
    `Cannot use --${name} ${quote(given)}: expected a duration such as "250ms", "15s" or "2m"`,
  );
}

/** How often to ping, and when to give up: twice as late. */
function pingOptions(
  flags: ParsedFlags,
): Pick<ClientOptions, "pingPeriodMs" | "pongTimeoutMs"> {
  const pingPeriodMs = durationOf(flags, "ping");
  if (pingPeriodMs === undefined) return {};
  const pongTimeoutMs = pingPeriodMs * 2;
  if (parseDuration(pongTimeoutMs) !== undefined) return { pingPeriodMs, pongTimeoutMs };
  throw new UsageError(
    `Cannot use --ping ${quote(flags.values.get("ping")![0]!)}: ` +
      'no timer waits twice as long, expected at most "298h"',
  );
}

function protocolsOf(flags: ParsedFlags): readonly string[] {
  const protocols = flags.values.get("subprotocol") ?? [];
  const bad = findBadProtocol(protocols);
  if (bad === undefined) return protocols;
  throw new UsageError(
    `Cannot use --subprotocol ${quote(String(bad.protocol))}: it is ${bad.why}, ` +
      `expected tokens of ${TOKEN_CHARACTERS}, each once`,
  );
}

function checkUrl(url: string): string {
  try {
    return toWebSocketUrl(url).href;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Text of a message for a terminal: control characters of a stranger stay without effect. */
function shown(body: string | Uint8Array): string {
  if (typeof body === "string") return body.split("\n").map(escapeControls).join("\n");
  return `(${body.length} bytes) ${body.toHex()}`;
}

function createWriter(
  { writeOutput, isTerminal }: CliIo,
  signal: AbortSignal,
): ClientOptions["onMessage"] {
  const encoder = new TextEncoder();
  return (body) => {
    const content = isTerminal ? shown(body) : body;
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    const line = new Uint8Array(bytes.length + 1);
    line.set(bytes);
    line[bytes.length] = 0x0a;
    return writeOutput(line, signal);
  };
}

/** Whom to trust with `wss:`. */
async function trustOptions(
  target: string,
  flags: ParsedFlags,
  io: CliIo,
): Promise<Pick<ClientOptions, "ca" | "rejectUnauthorized">> {
  const [file] = flags.values.get("ca") ?? [];
  const isInsecure = flags.values.has("insecure");
  if (file !== undefined && isInsecure) {
    throw new UsageError(
      "Cannot use --ca with --insecure: with that no certificate is checked, expected one of them",
    );
  }
  if (isInsecure && target.startsWith("wss:")) {
    const { host } = new URL(target);
    io.stderr(
      `Warning: the certificate of ${host} is not checked, so anybody may answer in its place\n`,
    );
  }
  const ca = file === undefined ? undefined : await readAuthorities(file, io.directory);
  return { ca, rejectUnauthorized: !isInsecure };
}

async function clientOptions(
  url: string,
  flags: ParsedFlags,
  io: CliIo,
  signals: Pick<ClientOptions, "signal" | "cutSignal">,
): Promise<ClientOptions> {
  const target = checkUrl(url);
  return {
    url: target,
    ...await trustOptions(target, flags, io),
    headers: parseHeaders(flags.values.get("header") ?? []),
    protocols: protocolsOf(flags),
    compression: flags.values.has("compression"),
    handshakeTimeoutMs: durationOf(flags, "timeout"),
    maxMessageBytes: CONNECT_DEFAULTS.maxMessageBytes,
    ...pingOptions(flags),
    lingerMs: durationOf(flags, "wait") ?? CONNECT_DEFAULTS.lingerMs,
    input: readLines(io.readInput(), flags.values.has("binary")),
    onOpen: (protocol) => {
      if (!io.isTerminal) return;
      const also = protocol === "" ? "" : `, subprotocol ${escapeControls(protocol)}`;
      io.stderr(`Connected to ${redactUrl(target)}${also}. Each line is sent; Ctrl+D ends.\n`);
    },
    onMessage: createWriter(io, signals.signal),
    ...signals,
  };
}

function reportEnd({ code, reason }: ClientEnd, io: CliIo): number {
  const exitCode = exitCodeOf(code);
  const text = reason === "" ? "" : ` ${quote(reason)}`;
  if (exitCode !== 0) io.stderr(`The connection ended with ${code}${text}\n`);
  return exitCode;
}

/**
 * Connects and talks until the connection ends; resolves with the exit code.
 *
 * SIGINT or SIGTERM closes, or gives up dialing; a second one ends at once with 1.
 */
export async function runConnect(url: string, flags: ParsedFlags, io: CliIo): Promise<number> {
  const [closing, cutting] = [new AbortController(), new AbortController()];
  const ends = { signal: closing.signal, cutSignal: cutting.signal };
  const options = await clientOptions(url, flags, io, ends);
  const stop = () => closing.signal.aborted ? cutting.abort() : closing.abort();
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) io.signals.addSignalListener(signal, stop);
  try {
    const end = await runClient(options);
    if (cutting.signal.aborted) return EXIT_FORCED;
    const exitCode = reportEnd(end, io);
    // Here, while a second signal is still heard.
    await io.end?.(cutting.signal);
    return cutting.signal.aborted ? EXIT_FORCED : exitCode;
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    io.stderr(`${escapeControls(error.message)}\n`);
    return 1;
  } finally {
    // After a second signal what waits is dropped, and nobody waits for it.
    if (cutting.signal.aborted) await io.end?.(cutting.signal);
    for (const signal of signals) io.signals.removeSignalListener(signal, stop);
  }
}
