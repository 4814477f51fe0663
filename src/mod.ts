/**
 * Troupe: a WebSocket server in which every connection is an actor with an address.
 *
 * @example
 * ```ts
 * import { createHandler, createNode, isMessage, type Process } from "@troupe/troupe";
 *
 * async function echo(self: Process): Promise<void> {
 *   for await (const { message } of self) {
 *     if (isMessage(message)) self.send(message.id, { kind: "message", body: message.body });
 *   }
 * }
 *
 * await using node = createNode();
 * const handler = createHandler({ pool: ["echo"] });
 * node.spawn(echo, { name: "echo" });
 * node.spawn(async (self) => {
 *   self.spawnMeta(handler);
 *   for await (const _ of self);
 * });
 * await using server = Deno.serve({ hostname: "127.0.0.1", port: 0 }, handler.fetch);
 * ```
 *
 * @module
 */

export {
  type Actor,
  type Alias,
  CallError,
  type CallErrorCode,
  CallFullError,
  CallHandlerError,
  type CallOptions,
  CallTerminatedError,
  CallTimeoutError,
  CallUnknownError,
  CallUnreachableError,
  type ChildInfo,
  type ChildSpec,
  type Clock,
  createNode,
  createSupervisor,
  type DownMessage,
  type Envelope,
  type ExitMessage,
  type ExitReason,
  type IdentityParts,
  type InspectRecord,
  isProcessName,
  MAX_NAME_BYTES,
  type MetaBehavior,
  type MetaOptions,
  type MetaProcess,
  NameTakenError,
  type Node,
  NODE_DEFAULTS,
  type NodeOptions,
  NodeStoppedError,
  parseIdentity,
  type Pid,
  type Process,
  type ProcessFunction,
  type Ref,
  RestartIntensityError,
  type RestartLimits,
  type RestartPolicy,
  type SendResult,
  type SpawnOptions,
  type StopOptions,
  SUPERVISOR_DEFAULTS,
  type SupervisorOptions,
  type SupervisorRequest,
  type SupervisorStrategy,
  SYSTEM_CLOCK,
  type Target,
  type Timer,
} from "./actor/mod.ts";
export {
  CLOSE_CODES,
  type CloseCode,
  type CloseCodeName,
  compileOrigins,
  type ConnectionOptions,
  type ConnectMessage,
  createConnection,
  createHandler,
  type DialedConnection,
  DialError,
  type DialErrorCode,
  DialHandshakeError,
  DialRefusedError,
  DialStatusError,
  DialTimeoutError,
  type DisconnectMessage,
  type EngineName,
  type Handler,
  HANDLER_DEFAULTS,
  type HandlerDrainOptions,
  type HandlerOptions,
  isConnect,
  isDisconnect,
  isLoopbackHost,
  isMessage,
  isSendableCloseCode,
  MESSAGE_TYPE,
  type MessageType,
  NATIVE_SHORTCOMINGS,
  type OriginCheck,
  type OriginRule,
  type OutgoingMessage,
  type RateLimit,
  type ReconfigurableOptions,
  type RequestInfo,
  type ResolvedOptions,
  type Shortcoming,
  type SlowConsumerPolicy,
  type TargetLostPolicy,
  type WebSocketMessage,
} from "./websocket/mod.ts";
export {
  type Assignment,
  type BehaviorName,
  type Config,
  ConfigError,
  configJsonSchema,
  type DrainConfig,
  type DrainOptions,
  echo,
  type EndpointConfig,
  type KeyPath,
  type ListenConfig,
  loadConfig,
  type LoadedConfig,
  type LoadOptions,
  type LogConfig,
  type NodeConfig,
  parseConfig,
  type ProcessConfig,
  type RateLimitConfig,
  runUntilSignalled,
  serve,
  type ServeOptions,
  type Server,
  ServerStartError,
  type SignalOptions,
  type SignalSource,
  type SourceOf,
  type StartErrorCode,
  type TlsConfig,
} from "./server/mod.ts";
export {
  configureLogs,
  type LogFields,
  type LogFormat,
  type Logger,
  type LogLevel,
  type LogsHandle,
  type LogsOptions,
  type WriteBytes,
} from "./telemetry/mod.ts";
