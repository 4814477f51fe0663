/**
 * WebSocket handlers and connections as meta-processes.
 *
 * @module
 */

export {
  assertCloseFrame,
  CLOSE_CODES,
  type CloseCode,
  type CloseCodeName,
  isSendableCloseCode,
  MAX_CLOSE_REASON_BYTES,
} from "./close_codes.ts";
export {
  type ConnectionOptions,
  createConnection,
  type DialedConnection,
  type DialOptions,
} from "./dial/dial.ts";
export {
  DialError,
  type DialErrorCode,
  DialHandshakeError,
  DialRefusedError,
  DialStatusError,
  DialTimeoutError,
} from "./dial/errors.ts";
export {
  findBadProtocol,
  isSendableHeader,
  TOKEN_CHARACTERS,
  toWebSocketUrl,
} from "./dial/target.ts";
export { NATIVE_LIMITS, warnIfExposed } from "./engines/exposed_native.ts";
export { NATIVE_SHORTCOMINGS } from "./engines/native.ts";
export { loadWsEngine } from "./engines/ws_engine.ts";
export { createHandler } from "./handler.ts";
export {
  type Handler,
  type HandlerDrainOptions,
  type ListFilter,
  type ReconfigurableOptions,
  type RequestInfo,
} from "./handler_types.ts";
export type { OtherCounts } from "./population.ts";
export { shareLimits } from "./shared_limits.ts";
export { asksForWebSocket, HANDSHAKE_LIMITS } from "./handshake/handshake.ts";
export { refuse } from "./handshake/accept.ts";
export { joinAccepts } from "./handshake/application.ts";
export { isTargetPattern, paramsOfTarget, REST, TARGET_PATTERN } from "./handshake/target_name.ts";
export { trimSpace } from "./handshake/http_list.ts";
export { targetOf } from "./handshake/node_http.ts";
export { compileOrigins, type OriginRule } from "./handshake/origins.ts";
export { readTarget } from "./handshake/request_target.ts";
export {
  type ConnectionQuestion,
  type ConnectionToken,
  type ConnectMessage,
  type DataMessage,
  type DisconnectMessage,
  type FromConnection,
  isConnect,
  isDataMessage,
  isDisconnect,
  isMessage,
  type ListedConnection,
  MESSAGE_TYPE,
  type MessageType,
  type OutgoingMessage,
  type ToConnection,
  type WebSocketMessage,
} from "./messages.ts";
export { bytes, close, json, ping, pong, text } from "./outgoing_messages.ts";
export {
  CONFIGURED_OPTIONS,
  type ConfiguredOption,
  HANDLER_OPTION_TABLE,
  LIVE_OPTIONS,
  type LiveOption,
  OPTION_ROWS,
  type OptionKind,
  type OptionRow,
  rowOf,
} from "./option_table.ts";
export {
  type Accept,
  type AcceptAnswer,
  type AcceptRequest,
  type AcceptWelcome,
  type Attributes,
  type EngineName,
  HANDLER_DEFAULTS,
  type HandlerOptions,
  type HandshakeRefusal,
  type HeaderLine,
  type Login,
  MAX_TIMER_MS,
  optionsForWs,
  type OriginCheck,
  type RateLimit,
  type RefusalListener,
  type ResolvedOptions,
  resolveOptions as resolveHandlerOptions,
  type ResponseHeaders,
  type SlowConsumerPolicy,
  type TargetLostPolicy,
} from "./options.ts";
export { createMemoryConnection, type MemoryConnectionOptions } from "./memory_connection.ts";
export type {
  CloseInfo,
  Frame as SocketFrame,
  FrameSource,
  FrameTaker,
  Shortcoming,
  Socket,
} from "./socket.ts";
export { type PeerOptions, type SocketPeer } from "./socket_pair.ts";
