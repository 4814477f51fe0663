/**
 * Troupe: a WebSocket server in which every connection is an actor with an address.
 *
 * @example
 * ```ts
 * import {
 *   createHandler,
 *   createNode,
 *   type FromConnection,
 *   listen,
 *   type Process,
 *   text,
 * } from "@troupe/troupe";
 *
 * async function hello(self: Process<FromConnection>): Promise<void> {
 *   for await (const { message } of self) {
 *     if (message.kind === "connect") self.send(message.id, text("hello"));
 *   }
 * }
 *
 * await using node = createNode();
 * const handler = createHandler({ pool: ["hello"] });
 * node.spawn(hello, { name: "hello" });
 * node.spawnMeta(handler);
 * await using listener = await listen({ "/ws": handler }, { port: 0 });
 * ```
 *
 * @module
 */

export {
  type Address,
  type Alias,
  CallError,
  type CallErrorCode,
  type CallOptions,
  type ChildSpec,
  createNode,
  createSupervisor,
  type DownMessage,
  type Envelope,
  type ExitMessage,
  type ExitReason,
  isDown,
  isExit,
  keyed,
  type KeyedOptions,
  type MessageOf,
  NameTakenError,
  type Node,
  type NodeOptions,
  type Pid,
  type Process,
  type ProcessFunction,
  type SendResult,
  type SpawnOptions,
  type SupervisorOptions,
  type Target,
} from "./actor/mod.ts";
export {
  type Accept,
  type AcceptAnswer,
  type AcceptRequest,
  bytes,
  close,
  CLOSE_CODES,
  type ConnectionQuestion,
  type ConnectMessage,
  createConnection,
  createHandler,
  type DialedConnection,
  DialError,
  type DialErrorCode,
  type DialOptions,
  type DisconnectMessage,
  type FromConnection,
  type Handler,
  type HandlerOptions,
  isConnect,
  isDataMessage,
  isDisconnect,
  isMessage,
  json,
  MESSAGE_TYPE,
  type OutgoingMessage,
  ping,
  pong,
  refuse,
  text,
  type ToConnection,
  type WebSocketMessage,
} from "./websocket/mod.ts";
export { echo, program } from "./behaviors/mod.ts";
export {
  ProgramEndedError,
  type ProgramFormat,
  type ProgramOptions,
  ProgramOutputError,
  ProgramStartError,
} from "./programs/mod.ts";
export {
  type HandlerListener,
  listen,
  type ListenOptions,
  type ListenTarget,
  untilSignalled,
} from "./server/mod.ts";
