/**
 * Events and rooms over WebSockets.
 *
 * @module
 */

export {
  DATA_TYPE,
  type Emission,
  type EncodedMessage,
  EventCodec,
  type EventMessage,
  HEARTBEAT_EVENTS,
  type WireFormat,
} from "./codec.ts";
export type { ConnectionInfo, EventCommand, RoomInfo } from "./messages.ts";
export type { Emitter } from "./emitter.ts";
export {
  AlreadyDisconnectedError,
  EventMessageError,
  type EventMessageErrorCode,
  UpgradeError,
} from "./errors.ts";
export type {
  ConnectionEnd,
  DisconnectListener,
  ErrorListener,
  EventListener,
  LeaveListener,
  NativeMessageListener,
  PingListener,
  PongListener,
} from "./listeners.ts";
export {
  type ConnectionRequest,
  DEFAULT_ID_GENERATOR,
  EVENT_DEFAULTS,
  type EventServerOptions,
  type IdGenerator,
} from "./options.ts";
export { ALL, BROADCAST } from "./rooms.ts";
export { createEventServer } from "./server.ts";
export type {
  Connection,
  ConnectionListener,
  ConnectionValues,
  EmitterInCluster,
  EventConnection,
  EventServer,
  EventServerInCluster,
  Upgrade,
} from "./types.ts";
