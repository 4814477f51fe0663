/**
 * Handlers that listen, for the tests of this room.
 *
 * @module
 */

import { type Alias, createNode, type Node, type Pid } from "../../src/actor/mod.ts";
import { WebSocketHandler } from "../../src/websocket/handler.ts";
import type { Handler, HandlerOptions } from "../../src/websocket/mod.ts";
import type { HandshakeParts, ResponseHead } from "../../src/testing/handshake.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { Inbox } from "./inbox.ts";

/** Options of a handler, and of what it stands on. */
export interface ServeOptions extends HandlerOptions {
  /** Time for a peer to answer our close frame, in milliseconds. Default as in use. */
  readonly closeTimeoutMs?: number;
  /** Whether to offer permessage-deflate, where the engine has it. Default false. */
  readonly compression?: boolean;
  /** Runs the process that owns the handler. Default a plain inbox. */
  readonly parent?: Inbox;
  /** Default a node of its own. */
  readonly node?: Node;
}

/** A handler that answers on a port of loopback. */
export interface Served extends AsyncDisposable {
  readonly node: Node;
  readonly handler: Handler;
  readonly port: number;
  /** The process that spawned the handler, and the target if there is no pool. */
  readonly parent: Inbox;
  readonly parentPid: Pid;
  /** Of the handler. */
  readonly alias: Alias;
  /** Opens a WebSocket. */
  open(parts?: HandshakeParts & { readonly timeoutMs?: number }): Promise<RawClient>;
  /** Status and headers of the answer to a handshake; the connection is dropped then. */
  handshake(parts?: HandshakeParts): Promise<ResponseHead>;
  /** The answer to a handshake that is refused, with its body. */
  refusal(parts?: HandshakeParts): Promise<ResponseHead & { readonly body: string }>;
}

/** Something that listens with the fetch function of a handler. */
export interface Listener {
  readonly port: number;
  /** Stops to listen. */
  shutdown(): Promise<void>;
}

/** Makes a handler with the options, spawned by `parent`. */
export async function serveHandler(
  options: ServeOptions = {},
  listen: (handler: Handler) => Listener | Promise<Listener> = listenNative,
): Promise<Served> {
  const { closeTimeoutMs, parent = new Inbox(), node = createNode(), ...rest } = options;
  const handler = new WebSocketHandler(rest, closeTimeoutMs);
  const spawned = Promise.withResolvers<{ parentPid: Pid; alias: Alias }>();
  node.spawn(async (self) => {
    spawned.resolve({ parentPid: self.pid, alias: self.spawnMeta(handler) });
    await parent.run(self);
  });
  const [listener, identities] = [await listen(handler), await spawned.promise];
  const { port } = listener;
  return {
    node,
    handler,
    port,
    parent,
    ...identities,
    open: (parts) => RawClient.open({ port, ...parts }),
    async handshake(parts) {
      await using client = await RawClient.connect({ port });
      return await client.handshake(parts);
    },
    async refusal(parts) {
      await using client = await RawClient.connect({ port });
      await client.request(parts);
      return await client.readResponse();
    },
    async [Symbol.asyncDispose]() {
      await node.stop();
      await listener.shutdown();
    },
  };
}

/** Listens with `Deno.serve`. */
export function listenNative({ fetch }: Pick<Handler, "fetch">): Listener {
  const abort = new AbortController();
  const { signal } = abort;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, signal, onListen: () => {} }, fetch);
  return {
    port: server.addr.port,
    shutdown() {
      // An orderly shutdown would wait for ever for an upgrade whose client has left.
      abort.abort();
      return server.finished;
    },
  };
}
