/**
 * Connections over sockets in memory, for the tests of this room.
 *
 * @module
 */

import { type Alias, createNode, type Node, type Pid } from "../../../src/actor/mod.ts";
import type { EndpointMeter } from "../../../src/telemetry/mod.ts";
import {
  type ConnectInfo,
  type ConnectionSettings,
  WebSocketConnection,
} from "../../../src/websocket/connection/connection.ts";
import { ConnectionObservation } from "../../../src/websocket/observation.ts";
import { settle } from "../../../src/testing/manual_clock.ts";
import {
  createSocketPair,
  type PeerOptions,
  type SocketPeer,
} from "../../../src/websocket/socket_pair.ts";
import { Inbox, type Kinds } from "../inbox.ts";

/** What the handshakes of these connections carried. */
export const INFO: ConnectInfo = {
  remoteAddr: "127.0.0.1:1",
  localAddr: "127.0.0.1:2",
  url: "http://127.0.0.1:2/ws",
  headers: {},
  protocol: "",
};

/** What to change about a connection. */
export interface ConnectionOptions extends PeerOptions, Partial<ConnectionSettings> {
  /** Bound of the target's mailbox. */
  readonly mailboxSize?: number;
  /** The process at the other end. Default an inbox. */
  readonly target?: Inbox;
  /** Where it is counted. Default nowhere. */
  readonly meter?: EndpointMeter;
}

/** A connection that runs, and everybody around it. */
export interface ConnectionStage {
  readonly node: Node;
  readonly connection: WebSocketConnection;
  readonly alias: Alias;
  readonly peer: SocketPeer;
  readonly target: Inbox;
  readonly targetPid: Pid;
  readonly parent: Inbox;
  readonly parentPid: Pid;
  /** What was said to `closed`, in order. */
  readonly closed: boolean[];
}

/** Spawns a connection to `target`, owned by a process of its own. */
export async function startConnection(options: ConnectionOptions = {}): Promise<ConnectionStage> {
  const { mailboxSize, target = new Inbox(), answersClose, stalled, meter, ...settings } = options;
  const node = createNode();
  const [parent, closed] = [new Inbox(), [] as boolean[]];
  const { socket, peer } = createSocketPair({ answersClose, stalled });
  const targetPid = node.spawn(target.run, { mailboxSize });
  const connection = new WebSocketConnection(
    socket,
    targetPid,
    INFO,
    settingsFor(closed, settings),
    new ConnectionObservation(meter, undefined),
  );
  const spawned = Promise.withResolvers<{ alias: Alias; parentPid: Pid }>();
  node.spawn(async (self) => {
    spawned.resolve({ alias: self.spawnMeta(connection), parentPid: self.pid });
    await parent.run(self);
  });
  const { alias, parentPid } = await spawned.promise;
  await settle();
  return { node, connection, alias, peer, target, targetPid, parent, parentPid, closed };
}

/** Kinds and bodies or codes of what an inbox has got, in order. */
export function story({ messages }: Inbox): string[] {
  return (messages as Kinds[keyof Kinds][]).map((message) => {
    if (message.kind === "message") return `message ${message.body}`;
    return message.kind === "connect" ? "connect" : `disconnect ${message.code} ${message.reason}`;
  });
}

/** A connection that is not spawned. */
export function createConnection(
  target: Pid,
): { connection: WebSocketConnection; closed: boolean[] } {
  const closed: boolean[] = [];
  const { socket } = createSocketPair();
  return {
    connection: new WebSocketConnection(
      socket,
      target,
      INFO,
      settingsFor(closed),
      new ConnectionObservation(undefined, undefined),
    ),
    closed,
  };
}

function settingsFor(
  closed: boolean[],
  changes: Partial<ConnectionSettings> = {},
): ConnectionSettings {
  return {
    maxMessageBytes: 100,
    sendQueueBytes: 1_000,
    slowConsumer: "close",
    targetLost: "close",
    closeTimeoutMs: 60_000,
    rateLimit: undefined,
    readTimeoutMs: 0,
    writeTimeoutMs: 0,
    pingPeriodMs: 0,
    pongTimeoutMs: 0,
    nextTarget: () => undefined,
    closed: (_, reported) => void closed.push(reported),
    ...changes,
  };
}
