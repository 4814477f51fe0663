/**
 * An event server on a node whose time stands still, with connections that are
 * recorders: what is sent to their aliases is kept.
 *
 * @module
 */

import { type Alias, createNode, type Node, type Pid } from "../../src/actor/mod.ts";
import {
  type ConnectionRequest,
  createEventServer,
  type EventConnection,
  type EventServer,
  type EventServerOptions,
} from "../../src/events/mod.ts";
import type { OutgoingMessage } from "../../src/websocket/mod.ts";
import { ManualClock, settle } from "../../src/testing/manual_clock.ts";

/** One fake WebSocket. */
export interface Client {
  readonly alias: Alias;
  readonly connection: EventConnection;
  /** What was sent to it, as it came. */
  readonly received: OutgoingMessage[];
  /** Bodies of what was sent to it; a close is its code. */
  bodies(): unknown[];
  /** A message arrives. */
  send(body: string | Uint8Array, type?: number): Promise<void>;
  /** The socket ends. */
  drop(code?: number, reason?: string): Promise<void>;
}

/** What the handshakes of the stage carry. */
export const REQUEST: ConnectionRequest = {
  remoteAddr: "192.0.2.1:1234",
  localAddr: "192.0.2.2:80",
  url: "http://example.com/chat?room=x",
  headers: { "user-agent": "tests" },
  protocol: "",
};

/** A server that runs. */
export interface Stage extends AsyncDisposable {
  readonly node: Node;
  readonly clock: ManualClock;
  readonly server: EventServer;
  readonly pid: Pid;
  /** Opens a connection; its id is `a`, `b`, … unless the options say otherwise. */
  connect(request?: Partial<ConnectionRequest>): Promise<Client>;
}

/** Starts one. */
export function createStage(options: EventServerOptions = {}, name?: string): Stage {
  const clock = new ManualClock();
  const node = createNode({ clock, name });
  let count = 0;
  const server = createEventServer({
    idGenerator: () => String.fromCharCode(97 + count++),
    ...options,
  });
  const pid = node.spawn(server.run, { name: "events" });
  return {
    node,
    clock,
    server,
    pid,
    connect: (request) => connect(node, server, pid, { ...REQUEST, ...request }),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

async function connect(
  node: Node,
  server: EventServer,
  pid: Pid,
  request: ConnectionRequest,
): Promise<Client> {
  const received: OutgoingMessage[] = [];
  const alias = node.spawn(async (self) => {
    for await (const { message } of self) received.push(message as OutgoingMessage);
  }) as string as Alias;
  node.send(pid, { kind: "connect", id: alias, ...request });
  await settle();
  const connection = server.getConnections().find((each) => each.alias === alias);
  return {
    alias,
    connection: connection!,
    received,
    bodies: () =>
      received.map((message) => "body" in message ? message.body : [message.code, message.reason]),
    send: async (body, type = typeof body === "string" ? 1 : 2) => {
      node.send(pid, { kind: "message", id: alias, type, body });
      await settle();
    },
    drop: async (code = 1006, reason = "") => {
      node.send(pid, { kind: "disconnect", id: alias, code, reason });
      await settle();
    },
  };
}
