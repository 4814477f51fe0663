/**
 * The API over one WebSocket, for those who look again and again: the operator's page.
 *
 * The first message is `{"token": TOKEN}`. Each further one is `{"id": ID, "requests": […]}`, as
 * the body of a batch with a number to know the answer by: `{"id": ID, "status": …, "body": …}`.
 *
 * @module
 */

import type { ProcessFunction } from "../actor/mod.ts";
import type { Denial, Holder } from "../http/mod.ts";
import { parseJsonData } from "../text/mod.ts";
import {
  close,
  CLOSE_CODES,
  createHandler,
  type Handler,
  isConnect,
  isDisconnect,
  isMessage,
  type OutgoingMessage,
  text,
} from "../websocket/mod.ts";

/** Bounds of all sockets, and questions of one that may wait. */
export const SOCKET_LIMITS = Object.freeze({ sockets: 64, waiting: 8 });

/** What sockets are answered by. */
export interface SocketParts {
  /** Whose a token is, or why it is refused. */
  readonly admit: (token: string, address: string) => Promise<Holder | Denial>;
  /** Answers the body of a batch. */
  readonly ask: (body: unknown, holder: Holder) => Promise<SocketAnswer>;
}

/** An answer, as HTTP would have it. */
export interface SocketAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The handler of sockets, and the process that spawns it and answers. */
export interface ApiSocket {
  readonly handler: Handler;
  readonly process: ProcessFunction;
}

/** Somebody at the other end. */
interface Asker {
  readonly address: string;
  readonly send: (message: OutgoingMessage) => void;
  token: string | undefined;
  waiting: number;
  turn: Promise<void>;
}

/** Makes the sockets of an API. Pages of other origins are refused as handshakes are. */
export function createApiSocket(parts: SocketParts, endpoint: string): ApiSocket {
  const handler = createHandler({ endpoint, maxConnections: SOCKET_LIMITS.sockets });
  return {
    handler,
    async process(self) {
      const askers = new Map<string, Asker>();
      self.onInspect(() => ({ sockets: askers.size }));
      self.spawnMeta(handler);
      for await (const { message } of self) {
        if (isConnect(message)) {
          const { id, remoteAddr } = message;
          const send = (outgoing: OutgoingMessage) => void self.send(id, outgoing);
          const turn = Promise.resolve();
          askers.set(id, { address: hostOf(remoteAddr), send, token: undefined, waiting: 0, turn });
        } else if (isDisconnect(message)) askers.delete(message.id);
        else if (isMessage(message)) {
          const asker = askers.get(message.id);
          if (asker !== undefined) take(asker, message.body, parts);
        }
      }
    },
  };
}

/** Of `192.0.2.1:51234` or `[2001:db8::1]:51234`. */
function hostOf(remoteAddr: string): string {
  return remoteAddr.slice(0, remoteAddr.lastIndexOf(":")).replace(/^\[|\]$/g, "");
}

/** Answers one after the other. */
function take(asker: Asker, body: string | Uint8Array, parts: SocketParts): void {
  const asked = typeof body === "string" ? read(body) : undefined;
  if (asked === undefined) return refuseMessage(asker);
  if (asker.token === undefined) {
    if (typeof asked.token !== "string") return refuseMessage(asker);
    asker.token = asked.token;
    return;
  }
  const { id, ...rest } = asked;
  if (typeof id !== "number") return refuseMessage(asker);
  if (asker.waiting >= SOCKET_LIMITS.waiting) {
    const detail = `More than ${SOCKET_LIMITS.waiting} questions wait`;
    return asker.send(text(JSON.stringify({ id, status: 429, body: { detail } })));
  }
  asker.waiting++;
  asker.turn = asker.turn.then(() => answer(asker, id, rest, parts))
    .finally(() => asker.waiting--);
}

function refuseMessage({ send }: Asker): void {
  const { code, name } = CLOSE_CODES.badRequest;
  send(close(code, name));
}

/** Never rejects: `ask` and `admit` do not. */
async function answer(
  { token, address, send }: Asker,
  id: number,
  body: unknown,
  { admit, ask }: SocketParts,
): Promise<void> {
  const holder = await admit(token!, address);
  const { status, body: given } = "status" in holder
    ? { status: holder.status, body: { detail: holder.detail } }
    : await ask(body, holder);
  send(text(JSON.stringify({ id, status, body: given })));
}

function read(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseJsonData(body);
    return typeof value === "object" && value !== null
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}
