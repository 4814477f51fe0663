/**
 * All names of WebSockets: handlers, connections, messages, dialing, the table of options and
 * what the engines do less well. The main door has those of every day.
 *
 * | what | names |
 * | --- | --- |
 * | an endpoint | `createHandler`, `Handler`, `HandlerOptions`, `HANDLER_DEFAULTS` |
 * | its options as a table | `HANDLER_OPTION_TABLE`, `LiveOption` |
 * | logins by token | `jwtAccept`, `JwtOptions`, `Login` |
 * | messages | `ConnectMessage`, `WebSocketMessage`, `text`, `bytes`, `json`, `close` |
 * | a connection to another server | `createConnection`, `DialOptions`, `DialError` and its classes |
 * | close codes | `CLOSE_CODES`, `isSendableCloseCode` |
 * | engines | `NATIVE_SHORTCOMINGS` |
 *
 * @example
 * ```ts
 * import { HANDLER_OPTION_TABLE } from "@troupe/troupe/websocket";
 *
 * console.assert(HANDLER_OPTION_TABLE.maxMessageBytes.default === 65536);
 * ```
 *
 * @module
 */

export {
  type Accept,
  type AcceptAnswer,
  type AcceptRequest,
  type AcceptWelcome,
  type Attributes,
  bytes,
  close,
  CLOSE_CODES,
  type CloseCode,
  type CloseCodeName,
  compileOrigins,
  type ConfiguredOption,
  type ConnectionOptions,
  type ConnectionQuestion,
  type ConnectionToken,
  type ConnectMessage,
  createConnection,
  createHandler,
  type DataMessage,
  type DialedConnection,
  DialError,
  type DialErrorCode,
  DialHandshakeError,
  type DialOptions,
  DialRefusedError,
  DialStatusError,
  DialTimeoutError,
  type DisconnectMessage,
  type EngineName,
  type FromConnection,
  type Handler,
  HANDLER_DEFAULTS,
  HANDLER_OPTION_TABLE,
  type HandlerDrainOptions,
  type HandlerOptions,
  type HandshakeRefusal,
  type HeaderLine,
  isConnect,
  isDataMessage,
  isDisconnect,
  isMessage,
  isSendableCloseCode,
  json,
  type ListedConnection,
  type LiveOption,
  type Login,
  MESSAGE_TYPE,
  type MessageType,
  NATIVE_SHORTCOMINGS,
  type OriginCheck,
  type OriginRule,
  type OutgoingMessage,
  ping,
  pong,
  type RateLimit,
  type ReconfigurableOptions,
  type RefusalListener,
  refuse,
  type RequestInfo,
  type ResolvedOptions,
  type ResponseHeaders,
  type Shortcoming,
  type SlowConsumerPolicy,
  type TargetLostPolicy,
  text,
  type ToConnection,
  type WebSocketMessage,
} from "../websocket/mod.ts";
export { jwtAccept, type JwtOptions, type TokenSource } from "../auth/mod.ts";
