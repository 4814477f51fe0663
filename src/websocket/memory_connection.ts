/**
 * A connection without a network: its far end is an object of the test.
 *
 * @module
 */

import type { MetaBehavior, Pid } from "../actor/mod.ts";
import { type ConnectInfo, WebSocketConnection } from "./connection/connection.ts";
import type { ConnectMessage } from "./messages.ts";
import { ConnectionObservation } from "./observation.ts";
import { type HandlerOptions, resolveOptions } from "./options.ts";
import { createSocketPair, type PeerOptions, type SocketPeer } from "./socket_pair.ts";

/** Time for the peer to answer a close frame, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000;

/** What the handshake would have carried. */
const INFO: ConnectInfo = Object.freeze({
  remoteAddr: "127.0.0.1:1",
  localAddr: "127.0.0.1:2",
  url: "http://127.0.0.1:2/ws",
  headers: Object.freeze({}),
  protocol: "",
});

/** What a connection in memory is like. */
export interface MemoryConnectionOptions extends PeerOptions {
  /** Fields of the `connect` that differ from those of a plain handshake to `/ws`. */
  readonly connect?: Partial<Omit<ConnectMessage, "kind" | "id">>;
  /** As of a handler: limits and policies. Default those of a handler. */
  readonly handler?: HandlerOptions;
}

/**
 * Makes a connection to a process; it runs once it is spawned with `spawnMeta`.
 *
 * @throws {TypeError} If there is no such option of a handler.
 * @throws {RangeError} If a limit is out of its range.
 */
export function createMemoryConnection(
  target: Pid,
  { connect, handler = {}, ...peerOptions }: MemoryConnectionOptions = {},
): { readonly connection: MetaBehavior; readonly peer: SocketPeer } {
  const { socket, peer } = createSocketPair(peerOptions);
  const settings = {
    ...resolveOptions(handler),
    closeTimeoutMs: CLOSE_TIMEOUT_MS,
    nextTarget: () => undefined,
    closed: () => {},
  };
  const connection = new WebSocketConnection(
    socket,
    target,
    { ...INFO, ...connect },
    settings,
    new ConnectionObservation(undefined, undefined),
  );
  return { connection, peer };
}
