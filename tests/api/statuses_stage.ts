/**
 * What produces each status of each route.
 *
 * @module
 */

import { SignJWT } from "jose";
import type { Alias, MetaBehavior, MetaProcess, Pid } from "../../src/actor/mod.ts";
import { createNode } from "../../src/actor/mod.ts";
import { createApi } from "../../src/api/mod.ts";
import { TAP_LIMITS } from "../../src/api/tap_bounds.ts";
import { attachRemote } from "../../src/cluster/remote_node.ts";
import { REQUEST_RATE } from "../../src/http/access/guard.ts";
import { Guard, Tokens } from "../../src/http/mod.ts";
import { ManualClock, RawClient } from "../../src/testing/mod.ts";
import { configureLogs } from "../../src/telemetry/mod.ts";
import { LogCapture } from "../helpers/log_capture.ts";
import { type Ask, spawnActors, startApi, TOKENS } from "./stage.ts";

/** An answer, as far as it is judged. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  /** Absent for a stream. */
  // deno-lint-ignore no-explicit-any -- whatever the route answers
  readonly body?: any;
}

/** Asks one of the servers. */
export type Asking = (method: string, path: string, ask?: Ask) => Promise<Answered>;

const SECRET = "a secret of at least 32 characters";
const SILENT = { name: "silent@localhost", incarnation: "000000000000" };

/** Addresses of nobody, and of those that cannot be asked. */
export const ADDRESSES = Object.freeze({
  nobody: "<troupe@localhost/000000000000/7>",
  nobodyConnected: "Alias#<troupe@localhost/000000000000/7>",
  away: "<other@host/000000000000/7>",
  awayConnected: "Alias#<other@host/000000000000/7>",
  silent: "<silent@localhost/000000000000/7>",
  silentConnected: "Alias#<silent@localhost/000000000000/7>",
});

function signFor(user: string): Promise<string> {
  return new SignJWT({}).setSubject(user).setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(SECRET));
}

async function read(response: Response): Promise<Answered> {
  const { status, headers } = response;
  const type = headers.get("content-type") ?? "";
  if (type === "text/event-stream") {
    await response.body?.cancel();
    return { status, type };
  }
  const text = await response.text();
  return { status, type, body: type.includes("json") ? JSON.parse(text) : text };
}

function initOf(method: string, { body, token = TOKENS.admin, headers = {} }: Ask): RequestInit {
  const type: Record<string, string> = body === undefined
    ? {}
    : { "content-type": "application/json" };
  return {
    method,
    headers: { authorization: `Bearer ${token}`, ...type, ...headers },
    ...body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) },
  };
}

/** A server with logins, somebody logged in, one that has left, and processes of all kinds. */
export async function startServer() {
  const stack = new AsyncDisposableStack();
  const logs = stack.use(
    configureLogs({ level: "fatal", format: "json", write: new LogCapture().write }),
  );
  const jwt = { secret: SECRET, algorithms: ["HS256"] };
  const stage = stack.use(
    await startApi({
      endpoints: {
        "/ws": { pool: ["echo"], auth: { jwt } },
        "/chat": { pool: ["chat"] },
        "/topics": { pool: ["topics"] },
      },
    }, { logs }),
  );
  await spawnActors(stage);
  const { node, addr: { port } } = stage.server;
  const ended = node.spawn(async () => {});
  await node.exit(ended);
  const enter = async () =>
    stack.use(
      await RawClient.open({
        port,
        path: "/ws",
        headers: { authorization: `Bearer ${await signFor("alice")}` },
      }),
    );
  await enter();
  const { body } = await stage.ask("GET", "/connections?endpoint=/ws");
  const mute = node.spawnMeta(new Mute(), { mailboxSize: 1 });
  node.send(mute, { kind: "token", token: "one" });
  const ask: Asking = async (method, path, asked = {}) =>
    await read(await fetch(`${stage.base}${path}`, initOf(method, asked)));
  return {
    ask,
    port,
    enter,
    signFor,
    ended,
    connection: body.connections[0].id as Alias,
    /** A meta-process whose mailbox is full. */
    mute,
    spawn: (): Pid =>
      node.spawn(async (self) => {
        for await (const _ of self);
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Reads nothing. */
class Mute implements MetaBehavior {
  run({ signal }: MetaProcess): Promise<void> {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  }

  terminate(): void {}
}

/** An API by itself: its clock stands still, its program has its own logs, its peer is silent. */
export function startApart() {
  const stack = new AsyncDisposableStack();
  const clock = new ManualClock();
  const node = stack.use(createNode({ name: "apart@localhost", clock }));
  const silent = attachRemote(node, SILENT, { send: () => "accepted", capacity: () => undefined });
  stack.defer(() => silent.lost());
  const tokens = new Tokens([{ name: "ops", token: TOKENS.admin, scopes: ["admin"] }]);
  const guard = stack.use(new Guard(tokens, clock));
  const host = { node, endpoints: [], info: () => ({}), peers: () => ["ghost@localhost"] };
  const api = stack.use(createApi(host, { guard, version: "0", clock }));
  const info = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const };
  const request: Asking = async (method, path, asked = {}) => {
    const url = `http://127.0.0.1/api/v1${path}`;
    return await read(await api.fetch(new Request(url, initOf(method, asked)), info));
  };
  return {
    ask: request,
    /** Asks, and lets time pass until there is an answer. */
    async askPatiently(...asked: Parameters<Asking>): Promise<Answered> {
      let answered: Answered | undefined;
      const asking = request(...asked).then((got) => answered = got);
      for (let turn = 0; turn < 100 && answered === undefined; turn++) {
        await clock.advance(1_000);
        await new Promise((resolve) => setTimeout(resolve));
      }
      return await asking;
    },
    async useUpRate(): Promise<void> {
      for (let left = REQUEST_RATE.burst; left > 0; left--) {
        await guard.admitToken(TOKENS.admin, true, "127.0.0.1");
      }
    },
    /** As many taps as may be. */
    async openTaps(): Promise<Disposable> {
      const open: Response[] = [];
      for (let left = TAP_LIMITS.taps; left > 0; left--) {
        const headers = { authorization: `Bearer ${TOKENS.admin}` };
        const url = "http://127.0.0.1/api/v1/tap?actor=x";
        open.push(await api.fetch(new Request(url, { headers }), info));
      }
      return { [Symbol.dispose]: () => void open.forEach(({ body }) => void body?.cancel()) };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
