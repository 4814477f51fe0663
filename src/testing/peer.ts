/**
 * Connections in memory: a process under test sees a client that is an object.
 *
 * @module
 */

import type { Alias, Node, Pid } from "../actor/mod.ts";
import {
  createMemoryConnection,
  type MemoryConnectionOptions,
  type OutgoingMessage,
  type SocketPeer,
} from "../websocket/mod.ts";
import { settle } from "./manual_clock.ts";

/** A connection and its far end. */
export interface ConnectedPeer {
  /** Address of the connection. */
  readonly alias: Alias<OutgoingMessage>;
  /** The client's end. */
  readonly peer: SocketPeer;
}

/**
 * Connects a client that is an object to a process, without a network: the
 * process gets `connect`, what the peer sends, and `disconnect`, as from a socket.
 *
 * @throws {TypeError} If there is no such option of a handler.
 * @throws {RangeError} If a limit is out of its range.
 *
 * @example
 * ```ts
 * import { createNode, echo } from "@troupe/troupe";
 * import { connectPeer, settle } from "@troupe/troupe/testing";
 *
 * await using node = createNode();
 * const { peer } = await connectPeer(node, node.spawn(echo));
 * peer.send(1, "hello");
 * await settle();
 * console.assert(peer.received[0]?.body === "hello");
 * ```
 */
export async function connectPeer(
  node: Node,
  target: Pid,
  options: MemoryConnectionOptions = {},
): Promise<ConnectedPeer> {
  const { connection, peer } = createMemoryConnection(target, options);
  const spawned = Promise.withResolvers<Alias<OutgoingMessage>>();
  node.spawn(async (self) => {
    spawned.resolve(self.spawnMeta(connection));
    for await (const _ of self);
  });
  const alias = await spawned.promise;
  await settle();
  return { alias, peer };
}
