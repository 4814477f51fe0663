/**
 * Events and rooms over WebSockets, as Iris' websocket package has them.
 *
 * | what | names |
 * | --- | --- |
 * | a server of events | `createEventServer`, `EventServer`, `EventServerOptions` |
 * | a client of it | `EventConnection`, `Emitter`, `Upgrade` |
 * | everybody, everybody else | `ALL`, `BROADCAST` |
 * | from other processes | `EventCommand` |
 * | on all nodes | `EventServerInCluster`, `IncompleteAnswerError` |
 * | the format on the wire | `EventCodec`, `WireFormat` |
 * | the chat that Troupe brings along | `chat`, `serveChat` |
 *
 * @example
 * ```ts
 * import { createNode } from "@troupe/troupe";
 * import { createEventServer } from "@troupe/troupe/events";
 *
 * const server = createEventServer();
 * server.onConnection((connection) => {
 *   connection.on("shout", (_, text) => connection.to("all").emit("shouted", text));
 * });
 * await using node = createNode();
 * node.spawn(server.run, { name: "events" });
 * ```
 *
 * @module
 */

export {
  ALL,
  AlreadyDisconnectedError,
  BROADCAST,
  type Connection,
  type ConnectionEnd,
  type ConnectionInfo,
  type ConnectionListener,
  type ConnectionRequest,
  type ConnectionValues,
  createEventServer,
  DATA_TYPE,
  DEFAULT_ID_GENERATOR,
  type DisconnectListener,
  type Emission,
  type Emitter,
  type EmitterInCluster,
  type EncodedMessage,
  type ErrorListener,
  EVENT_DEFAULTS,
  EventCodec,
  type EventCommand,
  type EventConnection,
  type EventListener,
  type EventMessage,
  EventMessageError,
  type EventMessageErrorCode,
  type EventServer,
  type EventServerInCluster,
  type EventServerOptions,
  type IdGenerator,
  type LeaveListener,
  type NativeMessageListener,
  type PingListener,
  type PongListener,
  type RoomInfo,
  type Upgrade,
  UpgradeError,
  type WireFormat,
} from "../events/mod.ts";
export { IncompleteAnswerError } from "../actor/mod.ts";
export { chat, serveChat } from "../behaviors/mod.ts";
export type { NameWindow } from "../text/mod.ts";
