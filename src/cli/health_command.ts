/**
 * `troupe health`: whether a running server is ready, for what watches over it.
 *
 * @module
 */

import { type Config, loadConfig } from "../config/mod.ts";
import { escapeControls, parseDuration, quote, redactUrl } from "../text/mod.ts";
import { type Flag, flagAssignments, type ParsedFlags, UsageError } from "./flags.ts";
import type { CliIo } from "./io.ts";

/** Time for the answer, in milliseconds. */
const TIMEOUT_MS = 2_000;

const OK = 200;

/** What is asked. */
interface Question {
  readonly url: URL;
  /** Whether the certificate has to be one that the system trusts. */
  readonly isVerified: boolean;
  readonly timeoutMs: number;
}

/** Where this machine reaches a server that listens on an address. */
function reachable(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  if (hostname === "::") return "[::1]";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** Address of the server of a configuration, on this machine. */
export function ownAddress({ listen: { hostname, port, tls } }: Config): URL {
  if (port === 0) {
    throw new UsageError(
      "Cannot ask for health: the system chose the port, expected --port or the server's URL",
    );
  }
  return new URL(`${tls === undefined ? "http" : "https"}://${reachable(hostname)}:${port}`);
}

function parseAddress(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new UsageError(
    `Cannot ask ${quote(redactUrl(text))}: expected a URL that starts with http:// or https://`,
  );
}

function parseTimeout(parsed: ParsedFlags): number {
  const [text] = parsed.values.get("timeout") ?? [];
  if (text === undefined) return TIMEOUT_MS;
  const timeoutMs = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw new UsageError(`Cannot use --timeout ${quote(text)}: expected a duration such as 2s`);
}

/** Resolves with the status of the answer; rejects if there is none in time. */
async function ask({ url, isVerified, timeoutMs }: Question): Promise<number> {
  // Loaded here, since no other command needs them.
  const { get } = url.protocol === "https:"
    ? await import("node:https")
    : await import("node:http");
  const signal = AbortSignal.timeout(timeoutMs);
  // One's own certificate is for the name that others know the machine by.
  const options = { agent: false, rejectUnauthorized: isVerified, signal };
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = get(url, options, (response) => {
    response.resume();
    response.on("close", () => resolve(response.statusCode ?? 0));
    response.on("error", reject);
  });
  request.on("error", (error) => {
    reject(signal.aborted ? new Error(`there is no answer within ${timeoutMs} ms`) : error);
  });
  return await promise;
}

/** Asks the server at `address`, or the one of the configuration; 0 if it is ready, else 1. */
export async function runHealth(
  address: string | undefined,
  parsed: ParsedFlags,
  flags: readonly Flag[],
  io: CliIo,
): Promise<number> {
  const timeoutMs = parseTimeout(parsed);
  const base = address === undefined ? await configuredAddress(parsed, flags, io) : parseAddress(
    address,
  );
  const isLive = parsed.values.has("live");
  const url = new URL(isLive ? "/health/live" : "/health/ready", base);
  const shown = `${url.protocol}//${url.host}`;
  try {
    const status = await ask({ url, isVerified: address !== undefined, timeoutMs });
    if (status === OK) {
      io.stdout(`${isLive ? "live" : "ready"}\n`);
      return 0;
    }
    io.stderr(`${shown} is not ${isLive ? "live" : "ready"}: status ${status}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    io.stderr(`Cannot ask ${shown}: ${escapeControls(why)}\n`);
  }
  return 1;
}

async function configuredAddress(
  parsed: ParsedFlags,
  flags: readonly Flag[],
  { directory, environment }: CliIo,
): Promise<URL> {
  const [file] = parsed.values.get("config") ?? [];
  const assignments = flagAssignments(parsed, flags);
  const { config } = await loadConfig({ file, directory, environment, assignments });
  return ownAddress(config);
}
