/**
 * A server with an API, and somebody who asks it.
 *
 * @module
 */

import { parseConfig } from "../../src/config/mod.ts";
import { serve, type ServeOptions } from "../../src/server/mod.ts";
import { RawClient } from "../../src/testing/mod.ts";

/** A token with all scopes, and one for each of them. */
export const TOKENS = Object.freeze({
  admin: "admin-token-0123456789",
  read: "read-token-0123456789",
  send: "send-token-0123456789",
  publish: "publish-token-0123456789",
});

/** An answer, read to its end. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- whatever the route answers
  readonly body: any;
}

/** What is asked besides method and path. */
export interface Ask {
  readonly body?: unknown;
  /** Default: that of all scopes. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server with echo, chat, topics and a process that answers, on ports of the system's choice. */
export async function startApi(
  root: Record<string, unknown> = {},
  options: ServeOptions = {},
) {
  const tokens = Object.entries(TOKENS).map(([name, token]) => ({ name, token, scopes: [name] }));
  const config = parseConfig({
    listen: { hostname: "127.0.0.1", port: 0 },
    admin: { tokens },
    processes: {
      echo: { behavior: "echo" },
      chat: { behavior: "chat" },
      topics: { behavior: "topics", env: { topics: ["news"] } },
    },
    endpoints: {
      "/ws": { pool: ["echo"] },
      "/chat": { pool: ["chat"] },
      "/topics": { pool: ["topics"] },
    },
    ...root,
  });
  const server = await serve(config, options);
  const base = `http://127.0.0.1:${server.adminAddr!.port}/api/v1`;
  return {
    server,
    base,
    ask: (method: string, path: string, asked: Ask = {}) => askApi(base, method, path, asked),
    open: (path: string) => RawClient.open({ port: server.addr.port, path }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A server with an API, and somebody who asks it. */
export type ApiStage = Awaited<ReturnType<typeof startApi>>;

/** Asks an API; the body is sent as JSON. */
export async function askApi(
  base: string,
  method: string,
  path: string,
  { body, token = TOKENS.admin, headers = {} }: Ask = {},
): Promise<Got> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...body === undefined ? {} : { "content-type": "application/json" },
      ...headers,
    },
    ...body === undefined ? {} : { body: JSON.stringify(body) },
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text !== "" ? JSON.parse(text) : text,
  };
}

/** The address of the only connection of an endpoint. */
export async function connectionId({ ask }: ApiStage, endpoint: string): Promise<string> {
  const { body } = await ask("GET", `/connections?endpoint=${encodeURIComponent(endpoint)}`);
  return body.connections[0].id;
}

/** A server of the node's processes that answer, throw, stay silent, or fill up. */
export async function spawnActors({ server: { node } }: ApiStage): Promise<void> {
  const ready = Promise.withResolvers<void>();
  node.spawn(async (self) => {
    ready.resolve();
    for await (const { message, reply } of self) {
      if (message === "throw") reply?.(new Error("no such row"));
      else if (message !== "silence") {
        reply?.({ got: message, bytes: new Uint8Array([1]), big: 1n });
      }
    }
  }, { name: "answerer" });
  node.spawn(() => new Promise<void>(() => {}), {
    name: "full",
    mailboxSize: 1,
    stopTimeoutMs: 1,
  });
  node.send("full", 1);
  await ready.promise;
}

/** An event of a tap. */
export interface Tapped {
  readonly event?: string;
  // deno-lint-ignore no-explicit-any -- whatever was tapped
  readonly data: any;
}

/** Reads events of a tap, until disposed. */
export async function tapEvents(base: string, query: string) {
  const abort = new AbortController();
  const response = await fetch(`${base}/tap?${query}`, {
    headers: { authorization: `Bearer ${TOKENS.admin}` },
    signal: abort.signal,
  });
  if (response.headers.get("content-type") !== "text/event-stream") {
    throw new Error(`Cannot tap: the answer is ${response.status}`);
  }
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let isSome = false;
  const next = async (): Promise<Tapped> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end === -1) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the tap has ended");
        text += value;
        continue;
      }
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      if (data === undefined) continue;
      isSome = true;
      const event = field("event");
      return { ...event !== undefined && { event }, data: JSON.parse(data) };
    }
  };
  return {
    next,
    /** Whether an event was read. */
    hasSome: () => isSome,
    async [Symbol.asyncDispose]() {
      abort.abort();
      await reader.cancel().catch(() => {});
    },
  };
}
