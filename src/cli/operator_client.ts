/**
 * Asks the operator's API of a server.
 *
 * @module
 */

import { escapeControls, quote, redactUrl } from "../text/mod.ts";
import { type ParsedFlags, UsageError } from "./flags.ts";
import type { CliIo } from "./io.ts";

/** Where a server is that nobody named. */
export const DEFAULT_URL = "http://127.0.0.1:8080";

/** Variable that holds a token. */
export const TOKEN_VARIABLE = "TROUPE_ADMIN_TOKEN";

/** Where the API is below the address of a server. */
const BASE = "/api/v1";

/** A request that failed; its text is one line for the user. */
export class OperatorError extends Error {
  /** The name of the class. */
  override readonly name = "OperatorError";
}

/** An API, and who asks it. */
export interface OperatorClient {
  /** Asks and reads the answer; rejects with an {@linkcode OperatorError} if it is an error. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Opens a stream of server-sent events. */
  stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/**
 * Makes a client of flags and environment.
 *
 * @throws {UsageError} If the URL is none, or there is no token.
 */
export function createOperatorClient(parsed: ParsedFlags, io: CliIo): OperatorClient {
  const [given = DEFAULT_URL] = parsed.values.get("url") ?? [];
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `Cannot ask ${quote(redactUrl(given))}: expected a URL that starts with http:// or https://`,
    );
  }
  const token = parsed.values.get("token")?.[0] ?? io.environment[TOKEN_VARIABLE];
  if (token === undefined || token === "") {
    throw new UsageError(
      `Cannot ask ${redactUrl(given)}: there is no token, expected --token or ${TOKEN_VARIABLE}; ` +
        "a server without configured tokens logs one when it starts",
    );
  }
  const base = `${url.origin}${url.pathname.replace(/\/$/, "")}${BASE}`;
  const request = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    try {
      return await fetch(`${base}${path}`, { ...init, headers });
    } catch (cause) {
      const why = escapeControls((cause as Error).message);
      throw new OperatorError(`Cannot ask ${redactUrl(url)}: ${why}`, { cause });
    }
  };
  return {
    async ask(method, path, body) {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      return await readAnswer(await request(path, init), url);
    },
    async stream(path, signal) {
      const response = await request(path, { signal });
      if (!response.ok) await readAnswer(response, url);
      return response.body!;
    },
  };
}

async function readAnswer(response: Response, url: URL): Promise<unknown> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new OperatorError(
      `Cannot ask ${redactUrl(url)}: the answer is ${response.status} and no JSON; ` +
        "expected the operator's API there",
    );
  }
  if (response.ok) return body;
  const { detail = "" } = body as { detail?: unknown };
  throw new OperatorError(`Cannot do it: ${escapeControls(String(detail))} (${response.status})`);
}
