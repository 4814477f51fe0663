/**
 * The browser client in this process, against a real event server.
 *
 * @module
 */

import { createNode } from "../../src/actor/mod.ts";
import {
  createEventServer,
  type EventConnection,
  type EventServer,
  type EventServerOptions,
} from "../../src/events/mod.ts";
import { Ws, type WsEnd, type WsOptions } from "../../src/web/troupe.js";
import { type CuttingProxy, startCuttingProxy } from "../helpers/cutting_proxy.ts";

/** An event server behind a network that can be cut. */
export interface ClientStage extends AsyncDisposable {
  readonly server: EventServer;
  readonly proxy: CuttingProxy;
  /** `127.0.0.1:PORT/` of the network. */
  readonly endpoint: string;
  /** A client that is disconnected at the end of the scope. */
  open(options?: WsOptions): Ws;
  /** Resolves with the next connection of the server. */
  nextConnection(): Promise<EventConnection>;
}

/** Short waits: a test waits for events, not for the back-off. */
const QUICK: WsOptions = { minDelayMs: 5, maxDelayMs: 20 };

/** Starts one. */
export function startStage(options: EventServerOptions = {}): ClientStage {
  const server = createEventServer(options);
  const node = createNode();
  node.spawn(server.run);
  const hostname = "127.0.0.1";
  const listener = Deno.serve({ hostname, port: 0, onListen: () => {} }, server.handler);
  const proxy = startCuttingProxy(listener.addr.port);
  const clients: Ws[] = [];
  const waiting: ((connection: EventConnection) => void)[] = [];
  server.onConnection((connection) => waiting.shift()?.(connection));
  return {
    server,
    proxy,
    endpoint: `${hostname}:${proxy.port}/`,
    open(wsOptions) {
      const ws = new Ws(`ws://${hostname}:${proxy.port}/`, [], { ...QUICK, ...wsOptions });
      clients.push(ws);
      return ws;
    },
    nextConnection: () => new Promise((resolve) => waiting.push(resolve)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map(endOf));
      await proxy[Symbol.asyncDispose]();
      await node.stop();
      await listener.shutdown();
    },
  };
}

/** Disconnects a client and resolves when it is over. */
function endOf(ws: Ws): Promise<void> {
  return new Promise((resolve) => {
    ws.OnDisconnect(({ reconnectInMs }) => {
      if (reconnectInMs === undefined) resolve();
    });
    if (ws.isOver) resolve();
    else ws.Disconnect();
  });
}

/** The next connection of a client. */
export function connected(ws: Ws): Promise<void> {
  return new Promise((resolve) => ws.OnConnect(resolve));
}

/** The next loss or end of a client. */
export function disconnected(ws: Ws): Promise<WsEnd> {
  return new Promise((resolve) => ws.OnDisconnect(resolve));
}

/** The next event of a name. */
export function next(ws: Ws, event: string): Promise<[text: string, value: unknown]> {
  return new Promise((resolve) => ws.On(event, (text, value) => resolve([text, value])));
}
